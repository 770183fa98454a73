package dev.pollux.zlib;

import dev.pollux.websocket.Compression;
import org.jspecify.annotations.Nullable;

/// The implementations of [Compression]. Any thread.
public final class Zlib {
  private static final Compression BEST = available() ? new SystemZlib() : new JdkZlib();

  private Zlib() {}

  /// The system's zlib, or the JDK's where that can't be called.
  public static Compression compression() {
    return BEST;
  }

  /// The JDK's, `java.util.zip`: its window can't be chosen.
  public static Compression ofTheJdk() {
    return new JdkZlib();
  }

  /// Whether the system's zlib can be called here.
  public static boolean available() {
    return whyUnavailable() == null;
  }

  /// One sentence for a person who wonders why the system's zlib can't be called, or null if it
  /// can.
  public static @Nullable String whyUnavailable() {
    return Availability.WHY_NOT;
  }

  /// Streams that were made by any of the implementations and not closed yet: to see whether
  /// something leaks.
  public static long streamsAlive() {
    return ZStream.ALIVE.get() + JdkZlib.ALIVE.get();
  }
}
