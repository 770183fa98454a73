package dev.pollux.sys;

/// The constants of fcntl(2), and the flags of open(2) that descriptors share.
public final class Fcntl {

  /// Read the flags of the descriptor: [#FD_CLOEXEC].
  public static final int F_GETFD = 1;

  /// Set the flags of the descriptor.
  public static final int F_SETFD = 2;

  /// Read the flags of the open file, which every duplicate of the descriptor shares:
  /// [#O_NONBLOCK].
  public static final int F_GETFL = 3;

  /// Set the flags of the open file.
  public static final int F_SETFL = 4;

  /// Duplicate the descriptor as the lowest free one that is not below the argument, closed by
  /// exec(2).
  public static final int F_DUPFD_CLOEXEC = 1030;

  /// Closed by exec(2).
  public static final int FD_CLOEXEC = 1;

  /// Calls that would wait return `EAGAIN`. Also a flag of `pipe2`.
  public static final int O_NONBLOCK = 0x800;

  /// `pipe2`: both descriptors are closed by exec(2).
  public static final int O_CLOEXEC = 0x80000;

  private Fcntl() {}
}
