// node ws-many.mjs URL [CONNECTIONS=100] [MESSAGES=100]
// Many npm ws clients at once: each sends all its messages without waiting, and each must get its
// own back, complete and in order.

import { once } from "node:events";
import WebSocket from "ws";
import { assert, run, within } from "./checks.mjs";

const ALL_MILLIS = 60_000;

async function one(url, id, messages) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  let received = 0;
  const complete = new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", (code) => reject(new Error(`connection ${id} closed with ${code}`)));
    socket.on("message", (data) => {
      const expected = `${id}:${received}`;
      if (data.toString() !== expected) reject(new Error(`${data} instead of ${expected}`));
      else if (++received === messages) resolve();
    });
  });
  socket.on("open", () => {
    for (let i = 0; i < messages; i++) socket.send(`${id}:${i}`);
  });
  await complete;
  const closed = once(socket, "close");
  socket.close(1000);
  const [code] = await closed;
  assert(code === 1000, `connection ${id} closed with ${code}`);
}

const usage = "node ws-many.mjs ws://HOST:PORT/echo [CONNECTIONS=100] [MESSAGES=100]";
await run(usage, 1, async (url, connectionsText = "100", messagesText = "100") => {
  const connections = Number(connectionsText);
  const messages = Number(messagesText);
  assert(connections > 0 && messages > 0, usage);
  const begin = performance.now();
  const all = Array.from({ length: connections }, (_, id) => one(url, id, messages));
  await within(`${connections} x ${messages} echoes`, Promise.all(all), ALL_MILLIS);
  return { connections, messages, millis: Math.round(performance.now() - begin) };
});
