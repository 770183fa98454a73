package dev.pollux.example;

import dev.pollux.net.IoModel;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;

// snippet
/// Sends back whatever comes.
public final class EchoExample implements WebSocketHandler {
  @Override
  public void onMessage(WebSocket ws, Message message) {
    ws.send(message);
  }

  static PolluxServer start(int port) throws IOException {
    var echo = new EchoExample();
    return Pollux.server().io(IoModel.EPOLL).port(port).webSocket("/echo", echo).start();
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    try (PolluxServer server = start(8080)) {
      System.out.println("echo at ws:/" + server.address() + "/echo");
      Thread.currentThread().join();
    }
  }
}
// snippet
