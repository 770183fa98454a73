package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.Sockets.Pair;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// `TCP_INFO`, of connections whose state is known.
class TcpInfoTest {
  private static final int MUCH = 1 << 16;

  private final Sockets sockets = new Sockets();
  private final Kernel kernel = sockets.kernel;
  private final TcpInfo info = TcpInfo.allocate(sockets.arena);

  @AfterEach
  void close() {
    sockets.close();
  }

  private TcpInfo of(int fd) {
    assertEquals(
        info.segment().byteSize(),
        kernel.getsockopt(fd, Socket.IPPROTO_TCP, Socket.TCP_INFO, info.segment()));
    return info;
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "not within a minute");
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void bytesThatNobodyHasReceivedYetAreCounted() throws Exception {
    Pair pair = sockets.pair();
    assertEquals(0, of(pair.second()).bytesReceived());
    assertEquals(5, kernel.send(pair.first(), sockets.bytes("hello"), 0, 5, 0));
    until(() -> of(pair.second()).bytesReceived() == 5);
    assertEquals("hello", sockets.recv(pair.second(), 20, 0));
    assertEquals(5, of(pair.second()).bytesReceived());
    until(() -> of(pair.first()).segmentsUnacknowledged() == 0);
    assertEquals(0, of(pair.first()).bytesNotSent());
  }

  @Test
  void whatTheWindowHasNoRoomForIsNotSentAndTheWindowIsProbed() throws Exception {
    Pair pair = sockets.pair();
    MemorySegment much = sockets.arena.allocate(MUCH);
    while (kernel.send(pair.first(), much, 0, MUCH, Socket.MSG_DONTWAIT) > 0) {
      // Until there is no room on this side either.
    }
    until(() -> of(pair.first()).segmentsUnacknowledged() == 0);
    assertTrue(of(pair.first()).bytesNotSent() > 0);
    assertTrue(of(pair.first()).unansweredProbes() <= 1, "each is answered");
    assertTrue(of(pair.first()).millisSinceAcknowledgement() < 60_000);
  }

  @Test
  void anUnknownOptionIsEnoprotoopt() {
    assertEquals(
        -Errno.ENOPROTOOPT,
        kernel.getsockopt(sockets.tcp(), Socket.IPPROTO_TCP, 9999, info.segment()));
  }
}
