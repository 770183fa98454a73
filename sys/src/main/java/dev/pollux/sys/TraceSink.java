package dev.pollux.sys;

/// Where the lines of a trace go, from every thread that calls the kernel. Must not throw.
@FunctionalInterface
public interface TraceSink {

  /// One call, as strace(1) would write it, without a line's end.
  void line(String call);

  /// Whether a line for this call is wanted; if not, none is made.
  default boolean wants(SystemCall call) {
    return true;
  }
}
