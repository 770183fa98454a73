package dev.pollux.net.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pollux.sys.Errno;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Exceptions as they come on a machine that speaks German.
class ChannelErrnoTest {
  private final IOException tooMany = new IOException("Zu viele offene Dateien");
  private final IOException inUse = new SocketException("Die Adresse wird bereits verwendet");

  @Test
  void whatCanNotBeOpenedIsForWantOfADescriptor() {
    assertEquals(-Errno.EMFILE, ChannelErrno.ofOpening(tooMany));
    assertEquals(-Errno.EPIPE, ChannelErrno.ofOpening(new ClosedChannelException()));
  }

  @Test
  void aBrokenTransferIsAReset() {
    IOException reset =
        new SocketException("Die Verbindung wurde vom Kommunikationspartner beendet");
    assertEquals(-Errno.ECONNRESET, ChannelErrno.ofTransfer(reset));
    assertEquals(-Errno.EPIPE, ChannelErrno.ofTransfer(new ClosedChannelException()));
  }

  @Test
  void aConnectIsRefusedSoonOrTimesOutLate() {
    IOException refused = new ConnectException("Verbindungsaufbau abgelehnt");
    long now = System.nanoTime();
    assertEquals(-Errno.ECONNREFUSED, ChannelErrno.ofConnecting(refused, now));
    assertEquals(
        -Errno.ETIMEDOUT, ChannelErrno.ofConnecting(refused, now - TimeUnit.SECONDS.toNanos(60)));
    assertEquals(
        -Errno.EHOSTUNREACH,
        ChannelErrno.ofConnecting(new NoRouteToHostException("Kein Weg"), now));
    assertEquals(
        -Errno.ENETUNREACH,
        ChannelErrno.ofConnecting(new SocketException("Das Netzwerk ist nicht erreichbar"), now));
  }

  @Test
  void whyAnAddressCanNotBeBoundIsAskedOfTheMachine() throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(here, 0));
      InetSocketAddress taken = (InetSocketAddress) server.getLocalAddress();
      IOException real =
          assertThrows(IOException.class, () -> ServerSocketChannel.open().bind(taken));
      assertEquals(-Errno.EADDRINUSE, ChannelErrno.ofBinding(real, taken));
      assertEquals(-Errno.EADDRINUSE, ChannelErrno.ofBinding(inUse, taken));
    }
    // Nobody listens there (tcpmux), and it is no port for everybody.
    assertEquals(-Errno.EACCES, ChannelErrno.ofBinding(inUse, new InetSocketAddress(here, 1)));
    // TEST-NET-1 (RFC 5737).
    InetAddress elsewhere = InetAddress.getByName("192.0.2.1");
    assertEquals(
        -Errno.EADDRNOTAVAIL, ChannelErrno.ofBinding(inUse, new InetSocketAddress(elsewhere, 0)));
  }
}
