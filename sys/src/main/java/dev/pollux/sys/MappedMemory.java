package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// Memory by mmap(2): address space whose pages the kernel gives when they are first touched, and
/// takes back when it is told so. What malloc(3) keeps for the next time, it would not get back.
///
/// For whom the system's calls are there ([LinuxKernel#whyUnavailable]).
public final class MappedMemory {
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;
  private static final int MADV_DONTNEED = 4;
  private static final int MADV_NOHUGEPAGE = 15;

  private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
  private static final MethodHandle MMAP =
      CLibrary.linked(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
          CAPTURE);
  private static final MethodHandle MUNMAP =
      CLibrary.linked("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG), CAPTURE);
  private static final MethodHandle MADVISE =
      CLibrary.linked(
          "madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT), CAPTURE);

  private MappedMemory() {}

  /// Maps anonymous memory, in pages of the usual size: a huge one would be there as a whole when a
  /// byte of it is touched. It is unmapped when the arena is closed, and reads as zeros.
  ///
  /// @return null if the kernel refuses: it has no memory, or the process has as many mappings as
  ///   it may (`vm.max_map_count`)
  public static @Nullable MemorySegment map(long bytes, Arena arena) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment errno = call.allocate(CLibrary.CAPTURED);
      int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
      MemorySegment mapped = map(errno, flags, -1, 0, bytes, arena);
      if (mapped != null) {
        // A kernel without huge pages refuses, and there it is true anyway.
        advise(errno, mapped, MADV_NOHUGEPAGE);
      }
      return mapped;
    }
  }

  /// Gives the pages back that lie in `memory`, a part of what [#map] has mapped that begins and
  /// ends with a page: it stays mapped, and reads as zeros.
  ///
  /// @return 0, or `-errno`
  public static int giveBackPages(MemorySegment memory) {
    try (Arena call = Arena.ofConfined()) {
      return advise(call.allocate(CLibrary.CAPTURED), memory, MADV_DONTNEED);
    }
  }

  private static int advise(MemorySegment errno, MemorySegment memory, int advice) {
    try {
      int result = (int) MADVISE.invokeExact(errno, memory.address(), memory.byteSize(), advice);
      return CLibrary.result((long) result, errno);
    } catch (Throwable t) {
      throw CLibrary.rethrown(t);
    }
  }

  /// The call as it is; null if the kernel refuses, and then [CLibrary#result] tells why.
  // "restricted": the kernel has mapped just that many bytes there.
  @SuppressWarnings("restricted")
  static @Nullable MemorySegment map(
      MemorySegment errno, int flags, int fd, long offset, long bytes, Arena arena) {
    try {
      long address = (long) MMAP.invokeExact(errno, 0L, bytes, PROT_READ_WRITE, flags, fd, offset);
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
