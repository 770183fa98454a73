package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/// The address of a socket: a `struct sockaddr_in` of ip(7) or a `struct sockaddr_in6` of ipv6(7)
/// in memory that has room for either.
///
/// It belongs to the thread that uses it; its memory to the arena that it was allocated from.
public final class SockAddr {

  private static final ValueLayout.OfShort NETWORK_SHORT =
      JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  /// `struct sockaddr_in`: port and address in network byte order.
  public static final StructLayout IN =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("sin_family"),
          NETWORK_SHORT.withName("sin_port"),
          MemoryLayout.sequenceLayout(4, JAVA_BYTE).withName("sin_addr"),
          MemoryLayout.sequenceLayout(8, JAVA_BYTE).withName("sin_zero"));

  /// `struct sockaddr_in6`: port, flow and address in network byte order.
  public static final StructLayout IN6 =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("sin6_family"),
          NETWORK_SHORT.withName("sin6_port"),
          JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN).withName("sin6_flowinfo"),
          MemoryLayout.sequenceLayout(16, JAVA_BYTE).withName("sin6_addr"),
          JAVA_INT.withName("sin6_scope_id"));

  private static final int PORT = 2;
  private static final int IN_ADDR = 4;
  private static final int IN6_ADDR = 8;
  private static final int IN6_SCOPE = 24;

  private final MemorySegment segment;
  private int length;

  private SockAddr(MemorySegment segment) {
    this.segment = segment;
  }

  /// An address of length 0, for a call that fills it.
  public static SockAddr allocate(Arena arena) {
    return new SockAddr(arena.allocate(IN6));
  }

  /// The struct of an address.
  ///
  /// @throws IllegalArgumentException if its host name is not resolved
  public static SockAddr of(Arena arena, InetSocketAddress address) {
    SockAddr result = allocate(arena);
    result.set(address);
    return result;
  }

  /// No address: given to connect(2) it dissolves the association of a socket, which for TCP means
  /// RST.
  public static SockAddr unspecified(Arena arena) {
    SockAddr result = allocate(arena);
    result.segment.set(JAVA_SHORT, 0, (short) Socket.AF_UNSPEC);
    result.length = (int) IN.byteSize();
    return result;
  }

  /// Becomes the struct of an address: of [Socket#AF_INET] or [Socket#AF_INET6], after its class.
  ///
  /// @throws IllegalArgumentException if its host name is not resolved
  public void set(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip == null) {
      throw new IllegalArgumentException("unresolved host name: " + address.getHostString());
    }
    segment.fill((byte) 0);
    segment.set(NETWORK_SHORT, PORT, (short) address.getPort());
    byte[] bytes = ip.getAddress();
    if (ip instanceof Inet6Address ip6) {
      segment.set(JAVA_SHORT, 0, (short) Socket.AF_INET6);
      MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, IN6_ADDR, bytes.length);
      segment.set(JAVA_INT, IN6_SCOPE, ip6.getScopeId());
      length = (int) IN6.byteSize();
    } else {
      segment.set(JAVA_SHORT, 0, (short) Socket.AF_INET);
      MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, IN_ADDR, bytes.length);
      length = (int) IN.byteSize();
    }
  }

  /// The struct as an address of the JDK. An IPv4 address mapped into IPv6 (RFC 4291 section
  /// 2.5.5.2) comes out as what it is, an IPv4 address.
  ///
  /// @throws IllegalStateException if the struct is empty or of another family
  public InetSocketAddress toInetSocketAddress() {
    return new InetSocketAddress(ip(), port());
  }

  /// [Socket#AF_INET], [Socket#AF_INET6], another family that a call has reported, or 0 for none.
  public int family() {
    return length < Short.BYTES ? 0 : segment.get(JAVA_SHORT, 0) & 0xffff;
  }

  /// The port, 0 to 65535.
  public int port() {
    return segment.get(NETWORK_SHORT, PORT) & 0xffff;
  }

  /// The memory of the struct: [#length()] bytes of it count.
  public MemorySegment segment() {
    return segment;
  }

  /// Bytes of the struct: 16 for IPv4, 28 for IPv6, 0 for an address that is not set.
  public int length() {
    return length;
  }

  /// Takes the length that a call has reported, which may be more than there was room for.
  void length(int reported) {
    length = Math.clamp(reported, 0, capacity());
  }

  int capacity() {
    return (int) segment.byteSize();
  }

  private InetAddress ip() {
    try {
      int family = family();
      if (family == Socket.AF_INET) {
        return InetAddress.getByAddress(bytes(IN_ADDR, 4));
      }
      if (family == Socket.AF_INET6) {
        byte[] bytes = bytes(IN6_ADDR, 16);
        int scope = segment.get(JAVA_INT, IN6_SCOPE);
        return scope == 0
            ? InetAddress.getByAddress(bytes)
            : Inet6Address.getByAddress(null, bytes, scope);
      }
      throw new IllegalStateException("no address of the internet: family " + family);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] bytes(int offset, int count) {
    return segment.asSlice(offset, count).toArray(JAVA_BYTE);
  }
}
