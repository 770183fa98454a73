package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pollux.sys.LinuxKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `TCP_USER_TIMEOUT` of what is accepted, asked of the kernel.
class UserTimeoutTest {
  private static final Pattern DESCRIPTOR = Pattern.compile("fd (\\d+)");

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "BLOCKING"})
  void whatIsAcceptedHasIt(IoModel model) throws Exception {
    assertEquals(60_000, millisOfAccepted(EngineOptions.of(model)));
    var options = EngineOptions.of(model).withUserTimeout(Duration.ofSeconds(7));
    assertEquals(7_000, millisOfAccepted(options));
    assertEquals(0, millisOfAccepted(options.withUserTimeout(Duration.ZERO)));
  }

  @Test
  void itIsADayAtMost() {
    var options = EngineOptions.of(IoModel.EPOLL);
    assertThrows(IllegalArgumentException.class, () -> options.withUserTimeout(Duration.ofDays(2)));
    assertThrows(
        IllegalArgumentException.class, () -> options.withUserTimeout(Duration.ofSeconds(-1)));
  }

  private static int millisOfAccepted(EngineOptions options) throws Exception {
    var millis = new CompletableFuture<Integer>();
    try (Engine engine = Engine.open(options.withLinger(Duration.ofMillis(200)))) {
      InetSocketAddress address =
          engine.listen(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> new Asking(millis));
      try (var client = new Socket(address.getAddress(), address.getPort())) {
        client.setTcpNoDelay(true);
        return millis.get(120, TimeUnit.SECONDS);
      }
    }
  }

  /// Asks the kernel as soon as it is opened.
  private record Asking(CompletableFuture<Integer> millis) implements Protocol {
    @Override
    public void onOpen(Connection connection) {
      Matcher descriptor = DESCRIPTOR.matcher(connection.toString());
      try (Arena arena = Arena.ofConfined()) {
        int fd = descriptor.find() ? Integer.parseInt(descriptor.group(1)) : -1;
        millis.complete(
            new LinuxKernel(arena)
                .getsockopt(
                    fd, dev.pollux.sys.Socket.IPPROTO_TCP, dev.pollux.sys.Socket.TCP_USER_TIMEOUT));
      }
    }

    @Override
    public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {}
  }
}
