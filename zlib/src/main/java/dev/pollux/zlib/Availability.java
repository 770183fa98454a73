package dev.pollux.zlib;

import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether the system's zlib can be called here, found out once.
final class Availability {
  /// glibc's and musl's name, a name without a version, and that of macOS.
  static final List<String> LIBRARY_NAMES = List.of("libz.so.1", "libz.so", "libz.1.dylib");

  /// Null if it can.
  static final @Nullable String WHY_NOT = whyNot();

  private Availability() {}

  private static @Nullable String whyNot() {
    String why = whyNot(System.getProperty("os.arch", ""));
    if (why != null) {
      return why;
    }
    try {
      ZlibLibrary.link();
      return null;
    } catch (ExceptionInInitializerError e) {
      return whyNot(e.getCause() == null ? e : e.getCause());
    }
  }

  /// What is wrong with an architecture, by its name in the system property.
  static @Nullable String whyNot(String architecture) {
    boolean known =
        switch (architecture) {
          case "amd64", "x86_64", "aarch64", "arm64" -> true;
          default -> false;
        };
    if (known && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      return null;
    }
    return "zlib's z_stream is known for x86-64 and aarch64, and this is " + architecture + ".";
  }

  static String whyNot(Throwable cause) {
    if (cause instanceof IllegalCallerException) {
      return "This JVM refuses native access: start it with --enable-native-access=ALL-UNNAMED.";
    }
    return "There is no zlib to call (" + LIBRARY_NAMES.getFirst() + "): " + cause + ".";
  }
}
