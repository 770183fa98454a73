package dev.pollux.net.internal.readiness;

import java.util.StringJoiner;

/// What a descriptor is watched for, and what it was found ready for: a set of bits.
public final class Interest {
  public static final int NONE = 0;
  public static final int READ = 1;
  public static final int WRITE = 2;

  /// Only as readiness: the kernel saw an error or the end of both directions (`EPOLLERR`,
  /// `POLLHUP`).
  public static final int HANGUP = 4;

  /// Only as interest: told again and again while ready, also by an edge-triggered poller.
  public static final int LEVEL = 8;

  private Interest() {}

  /// What a descriptor was found ready for, in words: `read, hang-up`.
  public static String names(int readiness) {
    StringJoiner names = new StringJoiner(", ");
    if ((readiness & READ) != 0) {
      names.add("read");
    }
    if ((readiness & WRITE) != 0) {
      names.add("write");
    }
    if ((readiness & HANGUP) != 0) {
      names.add("hang-up");
    }
    return names.toString();
  }
}
