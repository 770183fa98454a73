// node ws-echo.mjs URL
// One npm ws client against an echo: text, binary, empty, 1 MiB, fragments, ping, close with 1000.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import { assert, run, within } from "./checks.mjs";

const MEBIBYTE = 1 << 20;

await run("node ws-echo.mjs ws://HOST:PORT/echo", 1, async (url) => {
  // Without compression: the mask and the lengths on the wire are the plain ones.
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await within("open", once(socket, "open"));
  const checked = [];

  const answered = async (name, sent, isBinary, send) => {
    const message = once(socket, "message");
    send();
    const [data, binary] = await within(name, message);
    assert(binary === isBinary, `${name}: answered as ${binary ? "binary" : "text"}`);
    assert(Buffer.compare(data, Buffer.from(sent)) === 0, `${name}: ${data.length} other bytes`);
    checked.push(name);
  };
  const echoed = (name, payload) =>
    answered(name, payload, typeof payload !== "string", () => socket.send(payload));

  await echoed("text", "hello, 세계 🌍");
  await echoed("binary", Buffer.from([0, 1, 127, 128, 255]));
  await echoed("empty text", "");
  await echoed("empty binary", Buffer.alloc(0));
  // RFC 6455 section 5.2: where the length takes 7 bits, 16 bits and 64 bits.
  for (const length of [125, 126, 65_535, 65_536]) {
    await echoed(`${length} bytes`, randomBytes(length));
  }
  await echoed("1 MiB binary", randomBytes(MEBIBYTE));
  await echoed("1 MiB text", "x".repeat(MEBIBYTE));
  await answered("fragments", "one, two, three", false, () => {
    socket.send("one, ", { fin: false });
    socket.send("two, ", { fin: false });
    socket.send("three", { fin: true });
  });
  const between = once(socket, "pong");
  await answered("ping between fragments", "ab", false, () => {
    socket.send("a", { fin: false });
    socket.ping("between");
    socket.send("b", { fin: true });
  });
  await within("pong between fragments", between);

  const pong = once(socket, "pong");
  socket.ping("are you there?");
  const [answer] = await within("pong", pong);
  assert(answer.toString() === "are you there?", `pong with ${answer}`);
  checked.push("ping");

  const closed = once(socket, "close");
  socket.close(1000, "done");
  const [code] = await within("close", closed);
  assert(code === 1000, `closed with ${code}`);
  checked.push("close");
  return { checked };
});
