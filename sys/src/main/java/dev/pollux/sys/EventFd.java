package dev.pollux.sys;

/// The flags of eventfd(2): a descriptor of a 64-bit counter, to wake a thread that waits.
///
/// Write eight bytes to add to the counter; read eight bytes to take its value and set it to zero.
/// A read of zero waits, or is `EAGAIN`.
public final class EventFd {

  /// A read takes 1, not the whole value.
  public static final int EFD_SEMAPHORE = 1;

  /// The descriptor is non-blocking.
  public static final int EFD_NONBLOCK = 0x800;

  /// The descriptor is closed by exec(2).
  public static final int EFD_CLOEXEC = 0x80000;

  private EventFd() {}
}
