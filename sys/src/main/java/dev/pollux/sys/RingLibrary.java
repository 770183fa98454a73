package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// The system calls of io_uring, for which the C library has no functions of their own. The error
/// is part of the result: `-errno`.
final class RingLibrary {

  // <asm/unistd.h>: the same on x86-64 and aarch64, as of all calls since Linux 5.1.
  static final int NR_IO_URING_SETUP = 425;
  static final int NR_IO_URING_ENTER = 426;
  static final int NR_IO_URING_REGISTER = 427;

  private static final int MAP_SHARED = 1;
  private static final int MAP_POPULATE = 0x8000;

  private static final MethodHandle SETUP = CLibrary.syscall(JAVA_LONG, ADDRESS);
  private static final MethodHandle ENTER =
      CLibrary.syscall(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);
  private static final MethodHandle REGISTER =
      CLibrary.syscall(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);

  private RingLibrary() {}

  static int setup(MemorySegment errno, int entries, MemorySegment params) {
    try {
      return CLibrary.result(
          (long) SETUP.invokeExact(errno, (long) NR_IO_URING_SETUP, (long) entries, params), errno);
    } catch (Throwable t) {
      throw CLibrary.rethrown(t);
    }
  }

  static int enter(
      MemorySegment errno,
      int fd,
      int toSubmit,
      int minComplete,
      int flags,
      MemorySegment argument,
      long argumentBytes) {
    try {
      return CLibrary.result(
          (long)
              ENTER.invokeExact(
                  errno,
                  (long) NR_IO_URING_ENTER,
                  (long) fd,
                  (long) toSubmit,
                  (long) minComplete,
                  (long) flags,
                  argument,
                  argumentBytes),
          errno);
    } catch (Throwable t) {
      throw CLibrary.rethrown(t);
    }
  }

  static int register(MemorySegment errno, int fd, int opcode, MemorySegment argument, int count) {
    try {
      return CLibrary.result(
          (long)
              REGISTER.invokeExact(
                  errno,
                  (long) NR_IO_URING_REGISTER,
                  (long) fd,
                  (long) opcode,
                  argument,
                  (long) count),
          errno);
    } catch (Throwable t) {
      throw CLibrary.rethrown(t);
    }
  }

  /// Memory shared with a ring, unmapped when the arena is closed; null if the kernel refuses, and
  /// then [CLibrary#result] tells why.
  static @Nullable MemorySegment map(
      MemorySegment errno, int fd, long offset, long bytes, Arena arena) {
    return MappedMemory.map(errno, MAP_SHARED | MAP_POPULATE, fd, offset, bytes, arena);
  }
}
