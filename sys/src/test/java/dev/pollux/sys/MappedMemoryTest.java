package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MappedMemoryTest {
  private static final long BYTES = 64L << 20;

  @Test
  void pagesComeWhenTheyAreTouchedAndGoWhenTheyAreGivenBack() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = MappedMemory.map(BYTES, arena);
      assertNotNull(memory);
      assertEquals(BYTES, memory.byteSize());
      assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, BYTES - 1));
      long untouched = residentOf(memory);
      assertTrue(untouched < 1 << 20, untouched + " bytes are there untouched");
      memory.fill((byte) 1);
      assertTrue(residentOf(memory) >= BYTES);
      MemorySegment half = memory.asSlice(0, BYTES / 2);
      assertEquals(0, MappedMemory.giveBackPages(half));
      long left = residentOf(memory);
      assertTrue(left >= BYTES / 2 && left < BYTES / 2 + (1 << 20), left + " bytes are left");
      assertEquals(0, half.get(ValueLayout.JAVA_BYTE, 0));
      assertEquals(1, memory.get(ValueLayout.JAVA_BYTE, BYTES / 2));
    }
  }

  @Test
  void itIsUnmappedWithTheArena() {
    MemorySegment memory;
    try (Arena arena = Arena.ofConfined()) {
      memory = MappedMemory.map(BYTES, arena);
      assertNotNull(memory);
    }
    assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void whatTheKernelRefusesIsNull() {
    try (Arena arena = Arena.ofConfined()) {
      assertNull(MappedMemory.map(1L << 60, arena));
    }
  }

  @Test
  void whatBeginsWithinAPageIsRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = MappedMemory.map(BYTES, arena);
      assertNotNull(memory);
      assertEquals(-Errno.EINVAL, MappedMemory.giveBackPages(memory.asSlice(1, 4096)));
    }
  }

  /// What the kernel says of the mapping, or the mappings, in which it lies (proc_pid_smaps(5));
  /// the neighbours of a mapping may have become one with it, and have nothing in them.
  private static long residentOf(MemorySegment memory) throws IOException {
    long bytes = 0;
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        long from = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
        long to =
            Long.parseUnsignedLong(line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16);
        inside =
            Long.compareUnsigned(from, memory.address() + memory.byteSize()) < 0
                && Long.compareUnsigned(to, memory.address()) > 0;
      } else if (inside && line.startsWith("Rss:")) {
        bytes += Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return bytes;
  }
}
