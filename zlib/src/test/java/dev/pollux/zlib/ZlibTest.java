package dev.pollux.zlib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.websocket.Compressor;
import dev.pollux.websocket.Decompressor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ZlibTest {

  @Test
  void theSystemsZlibIsUsedIfItIsThere() {
    boolean there = Zlib.available();
    assertEquals(there, Zlib.whyUnavailable() == null);
    assertEquals(there ? 9 : 15, Zlib.compression().leastWindowBits());
    assertTrue(Zlib.compression().name().startsWith(there ? "zlib 1." : "java.util.zip"));
  }

  @Test
  void reasonsNameWhatIsMissing() {
    assertNull(Availability.whyNot("amd64"));
    assertNull(Availability.whyNot("aarch64"));
    assertEquals(
        "zlib's z_stream is known for x86-64 and aarch64, and this is riscv64.",
        Availability.whyNot("riscv64"));
    assertEquals(
        "This JVM refuses native access: start it with --enable-native-access=ALL-UNNAMED.",
        Availability.whyNot(new IllegalCallerException()));
    assertTrue(
        Availability.whyNot(new IllegalArgumentException("not found")).contains("libz.so.1"));
  }

  @Test
  void aStreamIsFreedOnceAndThenRefusesToWork() {
    long before = Zlib.streamsAlive();
    MemorySegment memory = Arena.ofAuto().allocate(64);
    Compressor compressor = Zlib.compression().compressor(6, 15, 8);
    Decompressor decompressor = Zlib.compression().decompressor(8);
    assertEquals(before + 2, Zlib.streamsAlive());
    compressor.close();
    compressor.close();
    decompressor.close();
    decompressor.close();
    assertEquals(before, Zlib.streamsAlive());
    assertThrows(RuntimeException.class, () -> compressor.deflate(memory, 0, 64, true));
    assertThrows(RuntimeException.class, () -> decompressor.inflate(memory, 0, 64));
  }

  @Test
  void memoryThatZlibMustNotTouchIsRefused() {
    assumeTrue(Zlib.available(), Zlib.whyUnavailable());
    try (Compressor compressor = Zlib.compression().compressor(6, 15, 8)) {
      MemorySegment heap = MemorySegment.ofArray(new byte[64]);
      MemorySegment small = Arena.ofAuto().allocate(64);
      MemorySegment closed;
      try (Arena arena = Arena.ofConfined()) {
        closed = arena.allocate(64);
      }
      assertThrows(IllegalArgumentException.class, () -> compressor.input(heap, 0, 64));
      assertThrows(IllegalArgumentException.class, () -> compressor.input(closed, 0, 64));
      assertThrows(IndexOutOfBoundsException.class, () -> compressor.input(small, 1, 64));
      assertThrows(IndexOutOfBoundsException.class, () -> compressor.deflate(small, 60, 5, true));
    }
  }

  @Test
  void parametersThatZlibRefusesLeaveNothingBehind() {
    assumeTrue(Zlib.available(), Zlib.whyUnavailable());
    long before = Zlib.streamsAlive();
    assertThrows(IllegalStateException.class, () -> Zlib.compression().compressor(6, 8, 8));
    assertThrows(IllegalStateException.class, () -> Zlib.compression().compressor(6, 15, 10));
    assertEquals(before, Zlib.streamsAlive());
    assertThrows(IllegalArgumentException.class, () -> Zlib.ofTheJdk().compressor(6, 14, 8));
  }
}
