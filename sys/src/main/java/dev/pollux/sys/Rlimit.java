package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// The resources of getrlimit(2).
public final class Rlimit {

  /// Threads of the user.
  public static final int RLIMIT_NPROC = 6;

  /// One more than the greatest descriptor of the process.
  public static final int RLIMIT_NOFILE = 7;

  /// No limit: `RLIM_INFINITY`, which is -1 as a signed number.
  public static final long INFINITY = -1;

  /// `struct rlimit`.
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(JAVA_LONG.withName("rlim_cur"), JAVA_LONG.withName("rlim_max"));

  private Rlimit() {}
}
