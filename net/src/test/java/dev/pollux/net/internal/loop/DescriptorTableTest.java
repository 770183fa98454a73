package dev.pollux.net.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.pollux.net.internal.readiness.Watched;
import org.junit.jupiter.api.Test;

class DescriptorTableTest {
  private final DescriptorTable<Watched> table = new DescriptorTable<>();

  @Test
  void aKeyOfAnEarlierUseOfTheNumberFindsNothing() {
    Watched first = readiness -> {};
    Watched second = readiness -> {};
    long early = table.register(7, first);
    assertSame(first, table.find(early));
    table.remove(7);
    assertNull(table.find(early));
    long late = table.register(7, second);
    assertNotEquals(early, late);
    assertNull(table.find(early));
    assertSame(second, table.find(late));
    assertEquals(7, DescriptorKey.fd(late));
  }

  @Test
  void anotherBehindTheSameUseKeepsTheKey() {
    Watched first = readiness -> {};
    Watched second = readiness -> {};
    long key = table.register(3, first);
    table.replace(3, second);
    assertSame(second, table.find(key));
    assertEquals(key, table.key(3));
  }

  @Test
  void knowsTheHighestDescriptor() {
    assertEquals(-1, table.highestDescriptor());
    table.register(5, readiness -> {});
    table.register(900, readiness -> {});
    assertEquals(900, table.highestDescriptor());
    table.remove(900);
    assertEquals(5, table.highestDescriptor());
    table.remove(900);
    table.remove(5);
    assertEquals(-1, table.highestDescriptor());
    assertNull(table.at(5));
  }

  @Test
  void aGenerationAboveTheSignBitStillMatches() {
    long key = DescriptorKey.of(12, -3);
    assertEquals(12, DescriptorKey.fd(key));
    assertEquals(-3, DescriptorKey.generation(key));
  }
}
