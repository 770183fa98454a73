package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The constants and structs of sockets: socket(2), socket(7), tcp(7), ipv6(7), send(2), recv(2).
public final class Socket {

  /// No address family.
  public static final int AF_UNSPEC = 0;

  /// IPv4.
  public static final int AF_INET = 2;

  /// IPv6; a listening socket takes IPv4 too, unless [#IPV6_V6ONLY] is set.
  public static final int AF_INET6 = 10;

  /// A stream of bytes, in order: TCP.
  public static final int SOCK_STREAM = 1;

  /// Together with a type, and for `accept4`: the new descriptor is non-blocking.
  public static final int SOCK_NONBLOCK = 0x800;

  /// Together with a type, and for `accept4`: the new descriptor is closed by exec(2).
  public static final int SOCK_CLOEXEC = 0x80000;

  /// A queue of connections that wait to be accepted as long as the kernel allows: it lowers it to
  /// `/proc/sys/net/core/somaxconn`, whose default this is. (musl's headers still say 128.)
  public static final int SOMAXCONN = 4096;

  /// The level of the options of every socket.
  public static final int SOL_SOCKET = 1;

  /// Bind although connections of an earlier listener are in TIME_WAIT.
  public static final int SO_REUSEADDR = 2;

  /// The pending error of the socket, which reading it clears.
  public static final int SO_ERROR = 4;

  /// Bytes of the send buffer. The kernel doubles what is set.
  public static final int SO_SNDBUF = 7;

  /// Bytes of the receive buffer. The kernel doubles what is set.
  public static final int SO_RCVBUF = 8;

  /// Probe an idle peer.
  public static final int SO_KEEPALIVE = 9;

  /// What `close` does with unsent bytes: a [#linger] struct.
  public static final int SO_LINGER = 13;

  /// Several sockets listen on one address, and the kernel spreads connections over them.
  public static final int SO_REUSEPORT = 15;

  /// Whether the socket listens; to be read only.
  public static final int SO_ACCEPTCONN = 30;

  /// Microseconds to spin on the device's queue before a blocking receive or poll sleeps.
  public static final int SO_BUSY_POLL = 46;

  /// The level of the options of IPv4.
  public static final int IPPROTO_IP = 0;

  /// A bind to port 0 takes no port yet: connect(2) picks one that is free towards the peer's
  /// address, so that one local address reaches as many ports for each peer. Works for IPv6 too.
  public static final int IP_BIND_ADDRESS_NO_PORT = 24;

  /// The level of the options of TCP.
  public static final int IPPROTO_TCP = 6;

  /// Send small segments at once (no Nagle).
  public static final int TCP_NODELAY = 1;

  /// Seconds of idleness before the first keep-alive probe.
  public static final int TCP_KEEPIDLE = 4;

  /// Seconds between keep-alive probes.
  public static final int TCP_KEEPINTVL = 5;

  /// Unanswered keep-alive probes before the connection is given up.
  public static final int TCP_KEEPCNT = 6;

  /// Seconds for which a connection is not accepted while its first bytes have not arrived.
  public static final int TCP_DEFER_ACCEPT = 9;

  /// A `struct tcp_info` ([TcpInfo]), to be read.
  public static final int TCP_INFO = 11;

  /// Acknowledge at once; the kernel may return to delayed acknowledgements by itself.
  public static final int TCP_QUICKACK = 12;

  /// Milliseconds for which sent bytes may stay unacknowledged before the connection is given up.
  public static final int TCP_USER_TIMEOUT = 18;

  /// The level of the options of IPv6.
  public static final int IPPROTO_IPV6 = 41;

  /// An IPv6 socket that takes no IPv4.
  public static final int IPV6_V6ONLY = 26;

  /// Receive without taking the bytes out of the queue.
  public static final int MSG_PEEK = 2;

  /// This call does not wait, whatever the descriptor is set to.
  public static final int MSG_DONTWAIT = 0x40;

  /// Less than everything is a failure to an io_uring, and told even where success is not.
  public static final int MSG_WAITALL = 0x100;

  /// A broken connection is `EPIPE` only, without the signal SIGPIPE.
  public static final int MSG_NOSIGNAL = 0x4000;

  /// More bytes follow: hold an incomplete segment back, at most 200 ms.
  public static final int MSG_MORE = 0x8000;

  /// No more receiving.
  public static final int SHUT_RD = 0;

  /// No more sending: the peer reads the end of input.
  public static final int SHUT_WR = 1;

  /// Neither.
  public static final int SHUT_RDWR = 2;

  /// `struct linger`, socket(7).
  public static final StructLayout LINGER =
      MemoryLayout.structLayout(JAVA_INT.withName("l_onoff"), JAVA_INT.withName("l_linger"));

  /// `struct msghdr`, sendmsg(2). musl has an int and a padding int where glibc has one size: in
  /// little endian the same bytes, as long as the upper half is zero.
  public static final StructLayout MSGHDR =
      MemoryLayout.structLayout(
          ADDRESS.withName("msg_name"),
          JAVA_INT.withName("msg_namelen"),
          MemoryLayout.paddingLayout(4),
          ADDRESS.withName("msg_iov"),
          JAVA_INT.withName("msg_iovlen"),
          JAVA_INT.withName("msg_iovlen_upper"),
          ADDRESS.withName("msg_control"),
          JAVA_INT.withName("msg_controllen"),
          JAVA_INT.withName("msg_controllen_upper"),
          JAVA_INT.withName("msg_flags"),
          MemoryLayout.paddingLayout(4));

  private Socket() {}

  /// A `struct linger` for [#SO_LINGER]. On with 0 seconds, `close` drops unsent bytes and resets
  /// the connection; on with more, it waits that long for them to be acknowledged.
  public static MemorySegment linger(Arena arena, boolean on, int seconds) {
    MemorySegment linger = arena.allocate(LINGER);
    linger.set(JAVA_INT, 0, on ? 1 : 0);
    linger.set(JAVA_INT, 4, seconds);
    return linger;
  }
}
