package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import java.util.ArrayDeque;

/// Output buffers of a loop that no connection needs at the moment; the one put back last is taken
/// first.
final class OutputStock {
  private final ArrayDeque<Output> spare = new ArrayDeque<>();
  private final BufferPool pool;

  OutputStock(BufferPool pool) {
    this.pool = pool;
  }

  Output take() {
    Output output = spare.pollLast();
    return output != null ? output : new Output(pool);
  }

  void put(Output output) {
    spare.addLast(output);
  }
}
