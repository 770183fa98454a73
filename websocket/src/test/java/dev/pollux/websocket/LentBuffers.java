package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Lends native memory, remembers what is out, and spoils what comes back.
final class LentBuffers implements MessageBuffers {
  final List<Integer> asked = new ArrayList<>();
  private final List<MemorySegment> out = new ArrayList<>();

  @Override
  public MemorySegment borrow(int minBytes) {
    asked.add(minBytes);
    MemorySegment buffer = Arena.ofAuto().allocate(minBytes);
    out.add(buffer);
    return buffer;
  }

  @Override
  public void giveBack(MemorySegment buffer) {
    assertTrue(out.removeIf(each -> each.equals(buffer)), "given back what was not lent, or twice");
    buffer.fill((byte) 0xEE);
  }

  int outstanding() {
    return out.size();
  }
}
