package dev.pollux.zlib;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/// The functions of zlib.h, and calloc(3) and free(3). Results are zlib's own.
///
/// The class finds the library and links the functions when it is initialised, so only
/// [Availability] may touch it first.
final class ZlibLibrary {
  static final int Z_OK = 0;
  static final int Z_STREAM_END = 1;
  static final int Z_DATA_ERROR = -3;
  static final int Z_MEM_ERROR = -4;
  static final int Z_BUF_ERROR = -5;

  static final int Z_NO_FLUSH = 0;
  static final int Z_SYNC_FLUSH = 2;

  static final int Z_DEFLATED = 8;
  static final int Z_DEFAULT_STRATEGY = 0;

  // zlib.h, zlibCompileFlags(): two bits each for uInt, uLong and voidpf; 1 is 32 bits, 2 is 64.
  private static final long SIZES = 0x3F;
  private static final long SIZES_OF_STRUCT = 1 | 2 << 2 | 2 << 4;
  private static final int LONGEST_VERSION = 64;

  private static final SymbolLookup C = Linker.nativeLinker().defaultLookup();
  private static final SymbolLookup ZLIB = library();
  private static final MemorySegment VERSION = checkedVersion();

  // Never Linker.Option.critical: a megabyte takes milliseconds, which would hold up the garbage
  // collector.
  private static final MethodHandle DEFLATE_INIT2 =
      zlib(
          "deflateInit2_",
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          JAVA_INT);
  private static final MethodHandle DEFLATE = zlib("deflate", ADDRESS, JAVA_INT);
  private static final MethodHandle DEFLATE_RESET = zlib("deflateReset", ADDRESS);
  private static final MethodHandle DEFLATE_END = zlib("deflateEnd", ADDRESS);
  private static final MethodHandle INFLATE_INIT2 =
      zlib("inflateInit2_", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle INFLATE = zlib("inflate", ADDRESS, JAVA_INT);
  private static final MethodHandle INFLATE_RESET = zlib("inflateReset", ADDRESS);
  // Since zlib 1.2.5.1, among its "undocumented functions": inflateReset() that keeps the window.
  private static final MethodHandle INFLATE_RESET_KEEP = zlib("inflateResetKeep", ADDRESS);
  private static final MethodHandle INFLATE_END = zlib("inflateEnd", ADDRESS);
  private static final MethodHandle CALLOC =
      linked(C, "calloc", FunctionDescriptor.of(ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FREE = linked(C, "free", FunctionDescriptor.ofVoid(ADDRESS));

  private ZlibLibrary() {}

  /// Links the functions, if that has not been done.
  ///
  /// @throws ExceptionInInitializerError with the cause for which they cannot be linked
  static void link() {}

  /// `1.3.1`.
  static String versionText() {
    return VERSION.getString(0);
  }

  static int deflateInit2(MemorySegment stream, int level, int windowBits, int memLevel) {
    int bytes = (int) ZStream.LAYOUT.byteSize();
    try {
      return (int)
          DEFLATE_INIT2.invokeExact(
              stream, level, Z_DEFLATED, windowBits, memLevel, Z_DEFAULT_STRATEGY, VERSION, bytes);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int deflate(MemorySegment stream, int flush) {
    try {
      return (int) DEFLATE.invokeExact(stream, flush);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int deflateReset(MemorySegment stream) {
    try {
      return (int) DEFLATE_RESET.invokeExact(stream);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int deflateEnd(MemorySegment stream) {
    try {
      return (int) DEFLATE_END.invokeExact(stream);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int inflateInit2(MemorySegment stream, int windowBits) {
    int bytes = (int) ZStream.LAYOUT.byteSize();
    try {
      return (int) INFLATE_INIT2.invokeExact(stream, windowBits, VERSION, bytes);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int inflate(MemorySegment stream, int flush) {
    try {
      return (int) INFLATE.invokeExact(stream, flush);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int inflateReset(MemorySegment stream) {
    try {
      return (int) INFLATE_RESET.invokeExact(stream);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int inflateResetKeep(MemorySegment stream) {
    try {
      return (int) INFLATE_RESET_KEEP.invokeExact(stream);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int inflateEnd(MemorySegment stream) {
    try {
      return (int) INFLATE_END.invokeExact(stream);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /// Zeroed memory until [#free], which the JVM does not know the end of: for [ZStream] only.
  // "restricted": malloc(3) promises as many bytes as were asked for.
  @SuppressWarnings("restricted")
  static MemorySegment calloc(long bytes) {
    MemorySegment memory;
    try {
      memory = (MemorySegment) CALLOC.invokeExact(1L, bytes);
    } catch (Throwable t) {
      throw rethrown(t);
    }
    if (memory.equals(MemorySegment.NULL)) {
      throw new OutOfMemoryError("calloc(3) gets no memory");
    }
    return memory.reinterpret(bytes);
  }

  static void free(MemorySegment memory) {
    try {
      FREE.invokeExact(memory);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  private static RuntimeException rethrown(Throwable t) {
    if (t instanceof RuntimeException e) {
      return e;
    }
    throw t instanceof Error e ? e : new AssertionError(t);
  }

  // "restricted": the library's functions are called as zlib.h declares them.
  @SuppressWarnings("restricted")
  private static SymbolLookup library() {
    IllegalArgumentException first = null;
    for (String name : Availability.LIBRARY_NAMES) {
      try {
        return SymbolLookup.libraryLookup(name, Arena.global());
      } catch (IllegalArgumentException e) {
        first = first == null ? e : first;
      }
    }
    throw first == null ? new IllegalStateException("no name to look for") : first;
  }

  // "restricted": zlibVersion() returns a string that ends with a zero, and never goes away.
  @SuppressWarnings("restricted")
  private static MemorySegment checkedVersion() {
    try {
      MethodHandle flags = linked(ZLIB, "zlibCompileFlags", FunctionDescriptor.of(JAVA_LONG));
      long sizes = (long) flags.invokeExact() & SIZES;
      if (sizes != SIZES_OF_STRUCT) {
        throw new UnsupportedOperationException(
            "zlibCompileFlags() says that its types have other sizes: " + sizes);
      }
      MethodHandle version = linked(ZLIB, "zlibVersion", FunctionDescriptor.of(ADDRESS));
      return ((MemorySegment) version.invokeExact()).reinterpret(LONGEST_VERSION);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  private static MethodHandle zlib(String name, MemoryLayout... arguments) {
    return linked(ZLIB, name, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  // "restricted": a wrong signature corrupts memory. Those above are the ones of zlib.h.
  @SuppressWarnings("restricted")
  private static MethodHandle linked(
      SymbolLookup library, String name, FunctionDescriptor signature) {
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), signature);
  }
}
