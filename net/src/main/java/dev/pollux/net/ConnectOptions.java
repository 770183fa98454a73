package dev.pollux.net;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How [Engine#connect] makes a connection.
///
/// @param remote the address to connect to
/// @param local the address to connect from, null to leave it to the kernel; with port 0 the kernel
///   picks a port that is free towards `remote`, so that one local address reaches as many ports as
///   `net.ipv4.ip_local_port_range` has for each remote one
/// @param timeout how long the peer has to answer; by default 10 seconds
public record ConnectOptions(
    InetSocketAddress remote, @Nullable InetSocketAddress local, Duration timeout) {
  private static final Duration LONGEST = Duration.ofHours(1);

  public ConnectOptions {
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "the connect timeout is " + timeout + "; it must be more than 0 and at most 1 hour");
    }
  }

  /// The defaults.
  public static ConnectOptions to(InetSocketAddress remote) {
    return new ConnectOptions(remote, null, Duration.ofSeconds(10));
  }

  public ConnectOptions withLocal(@Nullable InetSocketAddress address) {
    return new ConnectOptions(remote, address, timeout);
  }

  public ConnectOptions withTimeout(Duration time) {
    return new ConnectOptions(remote, local, time);
  }
}
