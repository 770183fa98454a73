package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class FdSetTest {

  private final FdSet set = FdSet.allocate(Arena.ofAuto());

  @Test
  void eachDescriptorHasABitOfItsOwn() {
    for (int fd = 0; fd < FdSet.FD_SETSIZE; fd++) {
      set.set(fd);
      assertEquals(1L << fd % 64, set.word(fd / 64));
      assertTrue(set.isSet(fd));
      set.clear(fd);
      assertEquals(0, set.word(fd / 64));
      assertFalse(set.isSet(fd));
    }
  }

  @Test
  void theWallIsAt1024AndSaysWhoseItIs() {
    set.set(1023);
    var thrown = assertThrows(IndexOutOfBoundsException.class, () -> set.set(1024));
    assertEquals(
        "descriptor 1024 does not fit into an fd_set: FD_SETSIZE is 1024, a limit of the C library,"
            + " not of the kernel",
        thrown.getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> set.clear(1024));
    assertThrows(IndexOutOfBoundsException.class, () -> set.isSet(1024));
    assertThrows(IndexOutOfBoundsException.class, () -> set.set(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> set.word(16));
  }

  @Test
  void zeroEmptiesTheSet() {
    set.set(0);
    set.set(1023);
    set.zero();
    for (int i = 0; i < 16; i++) {
      assertEquals(0, set.word(i));
    }
  }

  @Test
  void copyTakesTheWordsOfTheDescriptorsAskedFor() {
    FdSet other = FdSet.allocate(Arena.ofAuto());
    other.set(1);
    other.set(64);
    other.set(128);
    set.set(2);
    set.set(130);
    set.copyFrom(other, 65);
    assertEquals(1L << 1, set.word(0));
    assertEquals(1L, set.word(1));
    assertEquals(1L << 2, set.word(2));
    set.copyFrom(other, 1024);
    assertEquals(1L, set.word(2));
    assertThrows(IndexOutOfBoundsException.class, () -> set.copyFrom(other, 1025));
  }

  @Test
  void theKernelTakesWholeWords() {
    assertEquals(0, FdSet.bytes(-1));
    assertEquals(0, FdSet.bytes(0));
    assertEquals(8, FdSet.bytes(1));
    assertEquals(8, FdSet.bytes(64));
    assertEquals(16, FdSet.bytes(65));
    assertEquals(128, FdSet.bytes(1024));
  }
}
