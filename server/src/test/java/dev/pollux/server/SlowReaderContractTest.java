package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.session.KeepAlive;
import dev.pollux.session.OutputPolicy;
import dev.pollux.session.SendStatus;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Peers that read slowly or not at all, and answer no ping: their side of TCP does.
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SlowReaderContractTest {
  private static final Duration PING = Duration.ofMillis(200);
  private static final int RECEIVE_BUFFER_BYTES = 8 * 1024;

  /// Sends as much as is taken, always.
  private static final class Pump implements WebSocketHandler {
    final CountDownLatch closed = new CountDownLatch(1);
    private final byte[] message = new byte[1000];

    private void pump(WebSocket ws) {
      SendStatus status = SendStatus.ACCEPTED;
      while (status == SendStatus.ACCEPTED) {
        status = ws.sendBinary(message);
      }
    }

    @Override
    public void onOpen(WebSocket ws) {
      pump(ws);
    }

    @Override
    public void onDrain(WebSocket ws) {
      pump(ws);
    }

    @Override
    public void onClose(WebSocket ws, int code, String reason) {
      closed.countDown();
    }
  }

  private final Pump pump = new Pump();

  private ServerBuilder server(IoModel model) {
    return Pollux.server()
        .io(model)
        .loops(1)
        .keepAlive(KeepAlive.NONE.withPing(PING, PING))
        .output(OutputPolicy.DEFAULT)
        .webSocket("/", pump)
        .stopGrace(Duration.ofMillis(200));
  }

  private static Socket connect(InetSocketAddress address) throws IOException {
    Socket client = new Socket();
    client.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
    client.setSoTimeout(120_000);
    client.connect(address);
    client.getOutputStream().write(RawClient.handshake("/"));
    return client;
  }

  /// `nio` can't ask.
  @ParameterizedTest
  @EnumSource(names = "NIO", mode = EnumSource.Mode.EXCLUDE)
  void whoReadsSlowlyIsNotTakenForDead(IoModel model) throws Exception {
    try (PolluxServer server = server(model).start();
        Socket client = connect(server.address())) {
      InputStream in = client.getInputStream();
      long end = System.nanoTime() + 10 * PING.toNanos();
      while (System.nanoTime() - end < 0) {
        // Less by far than what the kernel of the server holds for it.
        assertTrue(in.readNBytes(500).length > 0, "dropped");
        LockSupport.parkNanos(PING.toNanos() / 20);
      }
      assertEquals(0, server.statistics().sessions().pingTimeouts());
      assertEquals(1, server.statistics().sessions().open());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "IO_URING", "BLOCKING", "VIRTUAL"})
  void whoReadsNothingIsResetWhenItHasStalledLongEnough(IoModel model) throws Exception {
    Duration stall = Duration.ofSeconds(2);
    // What the peer's kernel had no room for is sent again after 200, 400, 800 ms: only then it
    // acknowledges anything.
    KeepAlive pings = KeepAlive.NONE.withPing(PING, Duration.ofSeconds(1));
    try (PolluxServer server =
            server(model)
                .keepAlive(pings)
                .engine(e -> e.withUserTimeout(PING))
                .stall(stall)
                .start();
        Socket _ = connect(server.address())) {
      long began = System.nanoTime();
      pump.closed.await();
      long lasted = System.nanoTime() - began;
      assertEquals(0, server.statistics().sessions().pingTimeouts());
      assertTrue(lasted >= stall.toNanos() * 3 / 4, "given up after " + lasted + " ns");
    }
  }

  @Test
  void aStallIsFromNothingToADay() {
    ServerBuilder builder = Pollux.server();
    assertThrows(IllegalArgumentException.class, () -> builder.stall(Duration.ofDays(2)));
    assertThrows(IllegalArgumentException.class, () -> builder.stall(Duration.ofNanos(-1)));
  }
}
