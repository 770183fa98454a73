// node ws-server.mjs [COMPRESSION=none] [CERT.pem KEY.pem]
// A server by npm ws for clients of ours: sends back what it is sent. It prints {"port":...} when it
// listens on 127.0.0.1, and ends when its standard input does. COMPRESSION: none, no-takeover or
// takeover. With a certificate and its key it speaks TLS. What a text that begins with / does:
//   /close CODE REASON   closes so
//   /ping                pings, and answers with the pong's payload
//   /fragments           answers in five frames
//   /large BYTES         answers with so many bytes
//   /agreed              answers with the extensions and the subprotocol that were agreed upon
//   /end                 ends the TCP connection without a close frame

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { WebSocketServer } from "ws";

const COMPRESSION = {
  none: false,
  "no-takeover": { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
  takeover: { threshold: 0 },
};

const [compression = "none", certificate, key] = process.argv.slice(2);
if (!(compression in COMPRESSION) || (certificate && !key)) {
  console.error("usage: node ws-server.mjs [none|no-takeover|takeover] [CERT.pem KEY.pem]");
  process.exit(2);
}

const http = certificate
  ? createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) })
  : createServer();
const server = new WebSocketServer({
  server: http,
  perMessageDeflate: COMPRESSION[compression],
  maxPayload: 32 << 20,
  handleProtocols: (offered) => (offered.has("v1") ? "v1" : false),
});

async function command(socket, text) {
  const [word, first, ...rest] = text.split(" ");
  switch (word) {
    case "/close":
      return socket.close(Number(first), rest.join(" "));
    case "/ping": {
      const pong = once(socket, "pong");
      socket.ping("are you there?");
      const [payload] = await pong;
      return socket.send(`pong ${payload}`);
    }
    case "/fragments":
      for (let i = 0; i < 5; i++) {
        socket.send(`part ${i}, `.repeat(1000), { fin: i === 4 });
        if (i === 2) socket.ping("between");
      }
      return undefined;
    case "/large":
      return socket.send(Buffer.alloc(Number(first), "large"));
    case "/agreed":
      return socket.send(`extensions '${socket.extensions}' protocol '${socket.protocol}'`);
    case "/end":
      return socket.terminate();
    default:
      return socket.close(1008, `there is no ${word}`);
  }
}

server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => {
    const text = isBinary ? "" : data.toString();
    if (text.startsWith("/")) command(socket, text);
    else socket.send(data, { binary: isBinary });
  });
});

http.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: http.address().port })));
process.stdin.on("end", () => process.exit(0)).resume();
