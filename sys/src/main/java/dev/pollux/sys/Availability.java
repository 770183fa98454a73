package dev.pollux.sys;

import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Whether the kernel can be called here, found out once.
final class Availability {

  /// Null if it can.
  static final @Nullable String WHY_NOT = whyNot();

  private Availability() {}

  private static @Nullable String whyNot() {
    String why = whyNot(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    return why != null ? why : whyNotLinked();
  }

  /// What is wrong with an operating system and an architecture, by their names in the system
  /// properties.
  static @Nullable String whyNot(String system, String architecture) {
    if (!system.equals("Linux")) {
      return "The system calls are those of Linux, and this is " + system + ".";
    }
    boolean known =
        switch (architecture) {
          case "amd64", "x86_64", "aarch64", "arm64" -> true;
          default -> false;
        };
    if (!known || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      return "The structs of the kernel are known for x86-64 and aarch64, and this is "
          + architecture
          + ".";
    }
    return null;
  }

  private static @Nullable String whyNotLinked() {
    try {
      CLibrary.link();
      return null;
    } catch (ExceptionInInitializerError e) {
      return whyNot(e.getCause() == null ? e : e.getCause());
    }
  }

  static String whyNot(Throwable cause) {
    if (cause instanceof IllegalCallerException) {
      return "This JVM refuses native access: start it with --enable-native-access=ALL-UNNAMED.";
    }
    return "The C library cannot be called: " + cause + ".";
  }
}
