package dev.pollux.net.internal.accepting;

import dev.pollux.sys.Errno;

/// What to do after accept4(2) failed.
public enum AcceptOutcome {
  /// The queue is empty.
  NOBODY_WAITS,
  /// This one is lost; the next may be there.
  TRY_NEXT,
  /// The process or the system has no descriptor to give.
  OUT_OF_DESCRIPTORS,
  /// It would fail again at once.
  BACK_OFF;

  public static AcceptOutcome of(int result) {
    return switch (-result) {
      case Errno.EAGAIN -> NOBODY_WAITS;
      // The peer gave up while it was queued, or an error of its network waited on the new socket:
      // accept(2) asks to
      // treat those like EAGAIN, and EPERM is a firewall's word about this one peer.
      case Errno.EINTR,
          Errno.ECONNABORTED,
          Errno.EPROTO,
          Errno.EPERM,
          Errno.ENETDOWN,
          Errno.ENOPROTOOPT,
          Errno.EHOSTDOWN,
          Errno.ENONET,
          Errno.EHOSTUNREACH,
          Errno.EOPNOTSUPP,
          Errno.ENETUNREACH,
          Errno.ETIMEDOUT ->
          TRY_NEXT;
      case Errno.EMFILE, Errno.ENFILE -> OUT_OF_DESCRIPTORS;
      // ENOBUFS, ENOMEM: the kernel is short of memory.
      default -> BACK_OFF;
    };
  }
}
