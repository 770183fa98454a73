// Bun's own server, as its documentation shows it: /echo, /fanout, and /rooms?K with /publish, whose
// messages go to a room by way of a worker, the thread of the application. Only the thread that
// serves may publish, so that the worker hands it what is to be published by a message.
if (Bun.isMainThread) {
  serve();
} else {
  self.onmessage = ({ data }) => {
    const room = new DataView(data.buffer, data.byteOffset).getUint32(0);
    postMessage({ room: String(room), message: data.slice(4) });
  };
}

function serve() {
  const publisher = new Worker(import.meta.url);
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request, server) {
      const { pathname, search } = new URL(request.url);
      const upgraded = server.upgrade(request, { data: { pathname, room: search.slice(1) } });
      return upgraded ? undefined : new Response('a WebSocket only', { status: 400 });
    },
    websocket: {
      open(ws) {
        if (ws.data.pathname === '/rooms') ws.subscribe(ws.data.room);
        if (ws.data.pathname === '/fanout') ws.subscribe('fanout');
      },
      message(ws, message) {
        switch (ws.data.pathname) {
          case '/publish':
            publisher.postMessage(message);
            break;
          case '/fanout':
            ws.publish('fanout', message);
            break;
          default:
            ws.send(message);
        }
      },
    },
  });
  publisher.onmessage = ({ data }) => server.publish(data.room, data.message);
  console.log(`listening on port ${server.port}`);
}
