package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// The system calls of io_uring, for which the C library has no functions of their own, and
/// mmap(2). The error is part of the result: `-errno`.
final class RingLibrary {

  // <asm/unistd.h>: the same on x86-64 and aarch64, as of all calls since Linux 5.1.
  static final int NR_IO_URING_SETUP = 425;
  static final int NR_IO_URING_ENTER = 426;
  static final int NR_IO_URING_REGISTER = 427;

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final int MAP_POPULATE = 0x8000;

  private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

  private static final MethodHandle SETUP = CLibrary.syscall(JAVA_LONG, ADDRESS);
  private static final MethodHandle ENTER =
      CLibrary.syscall(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);
  private static final MethodHandle REGISTER =
      CLibrary.syscall(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);
  private static final MethodHandle MMAP =
      CLibrary.linked(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
          CAPTURE);
  private static final MethodHandle MUNMAP =
      CLibrary.linked("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG), CAPTURE);

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
  // "restricted": the kernel has mapped just that many bytes there.
  @SuppressWarnings("restricted")
  static @Nullable MemorySegment map(
      MemorySegment errno, int fd, long offset, long bytes, Arena arena) {
    try {
      long address =
          (long)
              MMAP.invokeExact(
                  errno, 0L, bytes, PROT_READ_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
      return address == -1
          ? null
          : MemorySegment.ofAddress(address)
              .reinterpret(bytes, arena, mapping -> unmap(mapping.address(), bytes));
    } catch (Throwable t) {
      throw CLibrary.rethrown(t);
    }
  }

  private static void unmap(long address, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      // What is mapped can be unmapped: there is nothing to do about a failure.
      int ignored = (int) MUNMAP.invokeExact(arena.allocate(CLibrary.CAPTURED), address, bytes);
    } catch (Throwable t) {
      throw CLibrary.rethrown(t);
    }
  }
}
