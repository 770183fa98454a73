package dev.pollux.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.lab.load.Load;
import dev.pollux.lab.load.LoadPlan;
import dev.pollux.lab.load.LoadProgress;
import dev.pollux.lab.load.LoadResult;
import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsClientOptions;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a server's own thread publishes, of every server that takes part in W7.
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PublishingTest {
  @TempDir Path folder;

  @BeforeEach
  void twoProcessors() {
    assumeTrue(Runtime.getRuntime().availableProcessors() >= 2);
  }

  private ContestantProcess started(String name) throws Exception {
    Contestants contestants =
        new Contestants(List.of(IoModel.EPOLL), folder.resolve("keystore.p12"));
    if (name.startsWith("c-")) {
      CReference.addTo(contestants, Path.of("c"), folder, missing -> {});
      assumeTrue(contestants.names().contains(name), "no C compiler, or no io_uring");
    }
    if (name.equals("bun")) {
      BunPeer.addTo(contestants, Path.of("js"), missing -> {});
      assumeTrue(contestants.names().contains(name), "npm ci in bench/js brings Bun");
    }
    ContestantProcess server =
        ContestantProcess.start(
            contestants.named(List.of(name)).getFirst(),
            Workload.Variant.PLAIN,
            folder.resolve("log"));
    server.resume();
    return server;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c-epoll",
        "c-uring",
        "epoll",
        "virtual-threads",
        "netty-epoll",
        "vertx",
        "helidon",
        "undertow",
        "jetty",
        "java-websocket",
        "bun"
      })
  void comesToAllInItsRoomAlsoInBursts(String name) throws Exception {
    try (ContestantProcess server = started(name)) {
      String address = "ws://127.0.0.1:" + server.port();
      LoadPlan plan =
          LoadPlan.of(URI.create(address + "/rooms"))
              .withPublishUri(address + "/publish")
              .withPayloadBytes(256);
      assertDelivered(plan.withRooms(1, 1));
      assertDelivered(plan.withRooms(3, 40));
      assertDelivered(plan.withRooms(2, 5).withBurstsOf(16));
    }
  }

  private static void assertDelivered(LoadPlan plan) throws Exception {
    try (Load load = Load.open(plan, TlsClientOptions.defaults(), LoadProgress.NONE)) {
      load.warmUp(100);
      LoadResult result = load.measure(300);
      assertTrue(result.allWell() && result.messages() > 0, result::toString);
      load.leave();
    }
  }

  /// Far more than sockets hold, to two who read only when all of it has been published.
  @ParameterizedTest
  @ValueSource(strings = {"c-epoll", "c-uring"})
  void theLoopsInCSkipNobodyWhoDoesNotRead(String name) throws Exception {
    int messages = 300;
    int payload = 60_000;
    try (ContestantProcess server = started(name);
        Socket first = member(server.port());
        Socket second = member(server.port());
        HttpClient client = HttpClient.newHttpClient()) {
      WebSocket publisher =
          client
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create("ws://127.0.0.1:" + server.port() + "/publish"),
                  new WebSocket.Listener() {})
              .join();
      for (int i = 0; i < messages; i++) {
        ByteBuffer order = ByteBuffer.allocate(4 + payload).putInt(5).putInt(i).rewind();
        publisher.sendBinary(order, true).join();
      }
      // The second gets all of it while the first has most of it waiting.
      assertReceives(second, messages, payload);
      assertReceives(first, messages, payload);
      publisher.abort();
    }
  }

  private static Socket member(int port) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(16 * 1024);
    socket.setSoTimeout(60_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    String request =
        """
        GET /rooms?5 HTTP/1.1
        Host: localhost
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
        Sec-WebSocket-Version: 13

        """
            .replace("\n", "\r\n");
    socket.getOutputStream().write(request.getBytes(US_ASCII));
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      assertTrue(next >= 0, "it ended instead of opening");
      answer.append((char) next);
    }
    assertTrue(answer.toString().startsWith("HTTP/1.1 101 "), answer::toString);
    return socket;
  }

  private static void assertReceives(Socket member, int messages, int payload) throws IOException {
    DataInputStream in = new DataInputStream(member.getInputStream());
    byte[] rest = new byte[payload - Integer.BYTES];
    for (int i = 0; i < messages; i++) {
      // A binary frame with a length in two bytes (RFC 6455, section 5.2).
      assertEquals(0x827E, in.readUnsignedShort());
      assertEquals(payload, in.readUnsignedShort());
      assertEquals(i, in.readInt());
      in.readFully(rest);
    }
  }
}
