package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A loop allocates nothing for a message, once it is compiled.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoopAllocationTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final int MESSAGES = 2_000;
  private static final int ROUNDS = 60;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final byte[] message = new byte[64];

  @ParameterizedTest
  @EnumSource(
      value = IoModel.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"BLOCKING", "VIRTUAL", "AUTO"})
  void anEchoAllocatesNothing(IoModel model) throws Exception {
    try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(1))) {
      InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
      try (Socket client = new Socket(server.getAddress(), server.getPort())) {
        client.setTcpNoDelay(true);
        echo(client);
        long thread = threadOf(model);
        long bytes = Long.MAX_VALUE;
        // Until it is compiled, it may allocate; and now and then something is compiled anew.
        for (int round = 0; round < ROUNDS && bytes >= MESSAGES; round++) {
          long before = threads.getThreadAllocatedBytes(thread);
          echo(client);
          bytes = threads.getThreadAllocatedBytes(thread) - before;
        }
        // Less than a byte a message: there is no object so small.
        assertTrue(bytes < MESSAGES, bytes + " bytes for " + MESSAGES + " messages");
      }
    }
  }

  private void echo(Socket client) throws IOException {
    for (int i = 0; i < MESSAGES; i++) {
      client.getOutputStream().write(message);
      assertEquals(message.length, client.getInputStream().readNBytes(message.length).length);
    }
  }

  private static long threadOf(IoModel model) {
    String name = "pollux-" + model + "-0";
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .findAny()
        .orElseThrow()
        .threadId();
  }
}
