package dev.pollux.zlib;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.websocket.MessageBuffers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Lends native memory of exactly the size that was asked for, remembers what is out, and spoils
/// what comes back.
final class Lent implements MessageBuffers {
  private final List<MemorySegment> out = new ArrayList<>();
  long most;

  @Override
  public MemorySegment borrow(int minBytes) {
    MemorySegment buffer = Arena.ofAuto().allocate(minBytes);
    out.add(buffer);
    most = Math.max(most, out.stream().mapToLong(MemorySegment::byteSize).sum());
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
