package dev.pollux.net.internal.memory;

import dev.pollux.net.BufferPool;
import java.util.ArrayDeque;

/// Output buffers of a loop that no connection needs at the moment; the one put back last is taken
/// first.
public final class OutputStock {
  private final ArrayDeque<Output> spare = new ArrayDeque<>();
  private final BufferPool pool;
  private final int firstChunkBytes;

  /// @param firstChunkBytes what an output begins with, while nothing of it is refused
  public OutputStock(BufferPool pool, int firstChunkBytes) {
    this.pool = pool;
    this.firstChunkBytes = firstChunkBytes;
  }

  public Output take() {
    Output output = spare.pollLast();
    return output != null ? output : new Output(pool, firstChunkBytes);
  }

  public void put(Output output) {
    spare.addLast(output);
  }
}
