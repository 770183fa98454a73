// node ws-deflate.mjs URL [COMPRESSED=true]
// npm ws clients with permessage-deflate against an echo: what is agreed to for each offer, and that
// compressible, random, empty, fragmented and many messages come back. COMPRESSED=false: the server
// refuses it, and all goes uncompressed.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import { assert, run, within } from "./checks.mjs";

// What the client asks for (the options of ws).
const OFFERS = {
  default: true,
  "no takeover": { serverNoContextTakeover: true, clientNoContextTakeover: true },
  "windows of 512 bytes": { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  "windows of 4 KiB, no takeover of the server": {
    serverMaxWindowBits: 12,
    clientMaxWindowBits: 12,
    serverNoContextTakeover: true,
  },
  "all, also short messages": { threshold: 0 },
};

const PROSE = JSON.stringify(
  Array.from({ length: 400 }, (_, id) => ({ id, name: `name ${id % 17}`, price: id * 1.25 })),
);

async function converse(name, url, offer, compressed) {
  const socket = new WebSocket(url, { perMessageDeflate: offer });
  await within(`${name}: open`, once(socket, "open"));
  const agreed = socket.extensions;
  assert(
    agreed === (compressed ? "permessage-deflate" : ""),
    `${name}: extensions are '${agreed}'`,
  );
  const echoed = async (what, payload, send = () => socket.send(payload)) => {
    const message = once(socket, "message");
    send();
    const [data, binary] = await within(`${name}: ${what}`, message);
    assert(binary === (typeof payload !== "string"), `${name}: ${what} has another type`);
    assert(Buffer.compare(data, Buffer.from(payload)) === 0, `${name}: ${what} is not the same`);
  };

  for (let round = 0; round < 3; round++) {
    await echoed("prose", PROSE);
    await echoed("short text", `hello, 세계 🌍 ${round}`);
    await echoed("empty text", "");
    await echoed("empty binary", Buffer.alloc(0));
    await echoed("noise", randomBytes(70_000));
    await echoed("zeroes", Buffer.alloc(900_000));
    await echoed("fragments", `one, ${PROSE}, three`, () => {
      socket.send("one, ", { fin: false, compress: true });
      socket.ping("between");
      socket.send(`${PROSE}, `, { fin: false });
      socket.send("three", { fin: true });
    });
    await echoed("without compression", PROSE, () => socket.send(PROSE, { compress: false }));
  }

  const count = 200;
  let received = 0;
  const all = new Promise((resolve, reject) => {
    socket.on("close", (code) => reject(new Error(`${name}: closed with ${code}`)));
    socket.on("message", (data) => {
      if (data.toString() !== `${received} ${PROSE.slice(0, received * 50)}`) {
        reject(new Error(`${name}: message ${received} is not the same`));
      } else if (++received === count) resolve();
    });
  });
  for (let i = 0; i < count; i++) socket.send(`${i} ${PROSE.slice(0, i * 50)}`);
  await within(`${name}: ${count} messages`, all);

  socket.removeAllListeners("close");
  const closed = once(socket, "close");
  socket.close(1000);
  const [code] = await within(`${name}: close`, closed);
  assert(code === 1000, `${name}: closed with ${code}`);
}

const usage = "node ws-deflate.mjs ws://HOST:PORT/echo [COMPRESSED=true]";
await run(usage, 1, async (url, compressedText = "true") => {
  const compressed = compressedText === "true";
  for (const [name, offer] of Object.entries(OFFERS)) {
    await converse(name, url, offer, compressed);
  }
  return { compressed, checked: Object.keys(OFFERS) };
});
