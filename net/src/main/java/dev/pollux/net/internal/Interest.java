package dev.pollux.net.internal;

/// What a descriptor is watched for, and what it was found ready for: a set of bits.
final class Interest {
  static final int NONE = 0;
  static final int READ = 1;
  static final int WRITE = 2;

  /// Only as readiness: the kernel saw an error or the end of both directions (`EPOLLERR`,
  /// `POLLHUP`).
  static final int HANGUP = 4;

  /// Only as interest: told again and again while ready, also by an edge-triggered poller.
  static final int LEVEL = 8;

  private Interest() {}
}
