package dev.pollux.net.internal;

import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// A peer's address, small: an IPv4 address costs 24 bytes of heap, not the hundred and more of an
/// [InetSocketAddress], which is made when somebody asks. Immutable.
public final class PeerAddress {
  private static final ValueLayout.OfInt NETWORK_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int SIN_ADDR =
      (int) SockAddr.IN.byteOffset(PathElement.groupElement("sin_addr"));

  private final int ipv4;
  private final int port;
  private final @Nullable InetSocketAddress other;

  private PeerAddress(int ipv4, int port, @Nullable InetSocketAddress other) {
    this.ipv4 = ipv4;
    this.port = port;
    this.other = other;
  }

  public static @Nullable PeerAddress of(SockAddr address) {
    if (address.family() == Socket.AF_INET) {
      MemorySegment struct = address.segment();
      return new PeerAddress(struct.get(NETWORK_INT, SIN_ADDR), address.port(), null);
    }
    return address.family() == Socket.AF_INET6
        ? new PeerAddress(0, address.port(), address.toInetSocketAddress())
        : null;
  }

  public static PeerAddress of(InetSocketAddress address) {
    return new PeerAddress(0, address.getPort(), address);
  }

  public InetSocketAddress toInetSocketAddress() {
    if (other != null) {
      return other;
    }
    try {
      byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt(ipv4).array();
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an IPv4 address", e);
    }
  }

  @Override
  public String toString() {
    return Sockets.text(toInetSocketAddress());
  }
}
