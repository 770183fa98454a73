package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.net.IoModel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A process that runs out of descriptors, and one that stands still for a while.
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BadDayTest {
  private static final byte[] HANDSHAKE =
      """
      GET /echo HTTP/1.1\r
      Host: test\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      Sec-WebSocket-Version: 13\r
      \r
      """
          .getBytes(StandardCharsets.US_ASCII);

  /// A masked pong without payload.
  private static final byte[] PONG = {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0};

  private static final int PING = 0x89;
  private static final int DESCRIPTORS = 150;
  private static final int CLIENTS = 20;
  private static final int PING_TIMEOUT_SECONDS = 4;

  @TempDir private Path folder;
  private final List<Socket> clients = new ArrayList<>();

  @AfterEach
  void closeClients() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    clients.clear();
  }

  private static int port(ServeProcess serve) throws Exception {
    String first = serve.line();
    assertNotNull(first, "it has ended");
    return Integer.parseInt(first.replaceAll(".*:(\\d+) io=.*", "$1"));
  }

  /// Connected, and the handshake sent.
  private Socket connect(int port) throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    clients.add(client);
    client.setTcpNoDelay(true);
    client.setSoTimeout(120_000);
    client.getOutputStream().write(HANDSHAKE);
    return client;
  }

  /// The head of the answer, or why there is none.
  private static String answer(Socket client) {
    StringBuilder head = new StringBuilder();
    try {
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = client.getInputStream().read();
        if (next < 0) {
          return head + "(end)";
        }
        head.append((char) next);
      }
    } catch (IOException e) {
      return head + "(" + e.getMessage() + ")";
    }
    return head.toString();
  }

  private static boolean isOpened(String answer) {
    return answer.startsWith("HTTP/1.1 101 ");
  }

  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void outOfDescriptorsClientsAreToldAndTheNextOneIsServedWhenThereAreSome(IoModel model)
      throws Exception {
    try (ServeProcess serve =
        ServeProcess.withDescriptors(
            folder, DESCRIPTORS, "serve", "--port", "0", "--loops", "1", "--io", model.word())) {
      int port = port(serve);
      int without = serve.descriptors();
      String answer = answer(connect(port));
      while (isOpened(answer)) {
        answer = answer(connect(port));
        assertTrue(clients.size() < DESCRIPTORS, "all are served: there is no limit");
      }
      assertTrue(
          answer.startsWith("HTTP/1.1 503 ") && answer(connect(port)).startsWith("HTTP/1.1 503 "),
          answer);
      closeClients();
      Await.until("their descriptors are free", () -> serve.descriptors() <= without + 2);
      for (int i = 0; i < 5; i++) {
        String next = answer(connect(port));
        assertTrue(isOpened(next), next);
      }
      assertTrue(serve.err().contains("out of descriptors"), serve.err());
    }
  }

  /// Those who answer in time, but while nobody looks, are not dropped for it.
  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "IO_URING", "NIO", "BLOCKING", "VIRTUAL"})
  void pongsThatCameWhileTheProcessStoodStillAreSeen(IoModel model) throws Exception {
    try (ServeProcess serve =
        new ServeProcess(
            folder,
            "serve",
            "--port",
            "0",
            "--loops",
            "1",
            "--io",
            model.word(),
            "--ping-interval",
            "1",
            "--ping-timeout",
            Integer.toString(PING_TIMEOUT_SECONDS))) {
      int port = port(serve);
      long began = System.nanoTime();
      for (int i = 0; i < CLIENTS; i++) {
        String answer = answer(connect(port));
        assertTrue(isOpened(answer), answer);
      }
      for (Socket client : clients) {
        assertEquals(PING, client.getInputStream().read());
        assertEquals(0, client.getInputStream().read());
      }
      long pinged = System.nanoTime();
      serve.stop();
      assumeTrue(
          System.nanoTime() - began < TimeUnit.SECONDS.toNanos(PING_TIMEOUT_SECONDS),
          "the machine is so busy that some may have been dropped before");
      try {
        // All but one.
        for (Socket client : clients.subList(1, CLIENTS)) {
          client.getOutputStream().write(PONG);
        }
        while (System.nanoTime() - pinged < TimeUnit.SECONDS.toNanos(PING_TIMEOUT_SECONDS + 1)) {
          LockSupport.parkNanos(1_000_000);
        }
      } finally {
        serve.goOn();
      }
      int alive = 0;
      for (Socket client : clients.subList(1, CLIENTS)) {
        // Who was not dropped is pinged again.
        alive += read(client) == PING ? 1 : 0;
      }
      assertEquals(CLIENTS - 1, alive);
      int silent = read(clients.getFirst());
      while (silent == PING || silent == 0) {
        silent = read(clients.getFirst());
      }
      assertEquals(-1, silent, "who has answered nothing is dropped");
    }
  }

  /// A byte, or -1 if the server has ended the connection.
  private static int read(Socket client) {
    try {
      return client.getInputStream().read();
    } catch (IOException e) {
      return -1;
    }
  }
}
