package dev.pollux.net.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Connections to come back to, in order; its array is kept when it is cleared.
final class ConnectionList {
  private @Nullable BufferedConnection[] connections = new BufferedConnection[16];
  private int size;

  void add(BufferedConnection connection) {
    if (size == connections.length) {
      connections = Arrays.copyOf(connections, size * 2);
    }
    connections[size++] = connection;
  }

  BufferedConnection get(int index) {
    BufferedConnection connection = connections[index];
    if (connection == null || index >= size) {
      throw new IndexOutOfBoundsException(index + " of " + size);
    }
    return connection;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void clear() {
    Arrays.fill(connections, 0, size, null);
    size = 0;
  }
}
