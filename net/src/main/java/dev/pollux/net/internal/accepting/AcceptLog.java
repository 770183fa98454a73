package dev.pollux.net.internal.accepting;

import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.Sockets;
import dev.pollux.sys.Errno;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What is said of clients that are not accepted or not served, the same on every model. Any
/// thread.
public final class AcceptLog {
  /// How long nobody is accepted after a failure that would come again at once.
  public static final long BACK_OFF_NANOS = 100_000_000L;

  private final RateLimitedLog log;
  private final InetSocketAddress address;

  /// @param address that is listened on
  public AcceptLog(RateLimitedLog log, InetSocketAddress address) {
    this.log = log;
    this.address = address;
  }

  /// Clients are refused because there are no descriptors.
  ///
  /// @param result what accept4(2) returned
  public void outOfDescriptors(int result) {
    warn(
        accept(result)
            + ": out of descriptors; clients are refused until some are free (see ulimit -n)");
  }

  /// Nobody is accepted for a while.
  ///
  /// @param result what accept4(2) returned
  public void backsOff(int result) {
    warn(accept(result) + "; trying again in " + BACK_OFF_NANOS / 1_000_000 + " ms");
  }

  public void refused(@Nullable PeerAddress peer, String why) {
    warn("refused " + peer + ": " + why);
  }

  private String accept(int result) {
    return "accept on " + Sockets.text(address) + ": " + Errno.describe(result);
  }

  private void warn(String message) {
    log.log(Level.WARNING, message, null);
  }
}
