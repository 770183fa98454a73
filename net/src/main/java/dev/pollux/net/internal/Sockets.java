package dev.pollux.net.internal;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.EngineOptions;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/// Opens sockets as every engine wants them. A failure names the call, the address and the errno.
public final class Sockets {
  private Sockets() {}

  /// A listening socket, close-on-exec, with `flags` ([Socket#SOCK_NONBLOCK] or 0). Its options are
  /// inherited by what it accepts.
  public static int listen(
      Kernel kernel, InetSocketAddress address, EngineOptions options, int flags)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SockAddr local = SockAddr.of(arena, resolved(address));
      int fd = open(kernel, address, options, flags);
      try {
        // Connections of an earlier process that are in TIME_WAIT don't keep the port.
        check(
            kernel.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_REUSEADDR, 1),
            "setsockopt",
            address);
        check(kernel.bind(fd, local), "bind", address);
        check(kernel.listen(fd, options.backlog()), "listen", address);
        return fd;
      } catch (Throwable t) {
        kernel.close(fd);
        throw t;
      }
    }
  }

  /// A socket for an outgoing connection, not connected yet.
  public static int open(Kernel kernel, InetSocketAddress address, EngineOptions options, int flags)
      throws IOException {
    int family = address.getAddress() instanceof Inet6Address ? Socket.AF_INET6 : Socket.AF_INET;
    int fd = kernel.socket(family, Socket.SOCK_STREAM | Socket.SOCK_CLOEXEC | flags, 0);
    check(fd, "socket", address);
    try {
      // Frames are sent as they come: Nagle's algorithm would hold a small one back for a round
      // trip.
      check(
          kernel.setsockopt(fd, Socket.IPPROTO_TCP, Socket.TCP_NODELAY, 1), "setsockopt", address);
      int millis = (int) options.userTimeout().toMillis();
      if (millis > 0) {
        check(
            kernel.setsockopt(fd, Socket.IPPROTO_TCP, Socket.TCP_USER_TIMEOUT, millis),
            "setsockopt",
            address);
      }
      return fd;
    } catch (Throwable t) {
      kernel.close(fd);
      throw t;
    }
  }

  /// A socket for an outgoing connection, bound to the local address that is asked for.
  public static int openFor(Kernel kernel, ConnectOptions options, EngineOptions engine, int flags)
      throws IOException {
    int fd = open(kernel, resolved(options.remote()), engine, flags);
    InetSocketAddress local = options.local();
    if (local == null) {
      return fd;
    }
    try (Arena arena = Arena.ofConfined()) {
      SockAddr from = SockAddr.of(arena, resolved(local));
      check(
          kernel.setsockopt(fd, Socket.IPPROTO_IP, Socket.IP_BIND_ADDRESS_NO_PORT, 1),
          "setsockopt",
          local);
      check(kernel.bind(fd, from), "bind", local);
      return fd;
    } catch (Throwable t) {
      kernel.close(fd);
      throw t;
    }
  }

  /// What is said of a peer that did not answer a connect in time.
  public static String noAnswer(ConnectOptions options) {
    return Errno.describe(-Errno.ETIMEDOUT)
        + " (no answer within "
        + options.timeout().toMillis()
        + " ms)";
  }

  /// The address that a socket is bound to.
  public static InetSocketAddress localAddress(Kernel kernel, int fd, InetSocketAddress asked)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SockAddr local = SockAddr.allocate(arena);
      check(kernel.getsockname(fd, local), "getsockname", asked);
      return local.toInetSocketAddress();
    }
  }

  /// `127.0.0.1:8080`, `[::1]:8080`, without a host name.
  public static String text(InetSocketAddress address) {
    String ip = ip(address);
    return (address.getAddress() instanceof Inet6Address ? "[" + ip + "]" : ip)
        + ":"
        + address.getPort();
  }

  /// The address without the port: `127.0.0.1`.
  public static String ip(InetSocketAddress address) {
    return address.getAddress() == null
        ? address.getHostString()
        : address.getAddress().getHostAddress();
  }

  public static InetSocketAddress resolved(InetSocketAddress address) throws IOException {
    if (address.isUnresolved()) {
      throw new IOException("unknown host '" + address.getHostString() + "'");
    }
    return address;
  }

  private static void check(int result, String call, InetSocketAddress address) throws IOException {
    if (result < 0) {
      throw new IOException(call + " " + text(address) + ": " + Errno.describe(result));
    }
  }
}
