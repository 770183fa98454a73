package dev.pollux.net.internal.nio;

import dev.pollux.sys.Errno;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/// The error number that Linux has for what the JDK throws, negative: by the kind of the call and
/// of the exception. What the exception says is in the language of the machine, and not looked at.
final class ChannelErrno {
  /// A refusal comes sooner, and giving up later.
  private static final long REFUSED_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int FIRST_FREE_PORT = 1024;

  private ChannelErrno() {}

  /// Something could not be opened, or a client not be accepted: that is for want of a descriptor,
  /// or of the kernel's memory, which no exception tells apart.
  static int ofOpening(IOException failure) {
    return failure instanceof ClosedChannelException ? -Errno.EPIPE : -Errno.EMFILE;
  }

  /// `asked` could not be bound: it is no address of this machine, or the port is another's, or it
  /// is one that not everybody may have (ip(7), `ip_unprivileged_port_start`).
  static int ofBinding(IOException failure, InetSocketAddress asked) {
    if (failure instanceof ClosedChannelException) {
      return -Errno.EPIPE;
    }
    if (!isOfThisMachine(asked.getAddress())) {
      return -Errno.EADDRNOTAVAIL;
    }
    boolean reserved = asked.getPort() > 0 && asked.getPort() < FIRST_FREE_PORT;
    return reserved && !answers(asked) ? -Errno.EACCES : -Errno.EADDRINUSE;
  }

  private static boolean isOfThisMachine(InetAddress address) {
    try {
      return address.isAnyLocalAddress()
          || address.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean answers(InetSocketAddress address) {
    try (SocketChannel channel = SocketChannel.open(address)) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /// @param began when that was, by [System#nanoTime]
  static int ofConnecting(IOException failure, long began) {
    return switch (failure) {
      case ClosedChannelException e -> -Errno.EPIPE;
      case NoRouteToHostException e -> -Errno.EHOSTUNREACH;
      case ConnectException e ->
          System.nanoTime() - began < REFUSED_WITHIN_NANOS ? -Errno.ECONNREFUSED : -Errno.ETIMEDOUT;
      default -> -Errno.ENETUNREACH;
    };
  }

  /// What is left: the connection is gone.
  static int ofTransfer(IOException failure) {
    return failure instanceof ClosedChannelException ? -Errno.EPIPE : -Errno.ECONNRESET;
  }
}
