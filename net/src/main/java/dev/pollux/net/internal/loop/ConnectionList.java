package dev.pollux.net.internal.loop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Connections to come back to, in order; its array is kept when it is cleared.
public final class ConnectionList {
  private @Nullable BufferedConnection[] connections = new BufferedConnection[16];
  private int size;

  public void add(BufferedConnection connection) {
    if (size == connections.length) {
      connections = Arrays.copyOf(connections, size * 2);
    }
    connections[size++] = connection;
  }

  public BufferedConnection get(int index) {
    BufferedConnection connection = connections[index];
    if (connection == null || index >= size) {
      throw new IndexOutOfBoundsException(index + " of " + size);
    }
    return connection;
  }

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  public void clear() {
    Arrays.fill(connections, 0, size, null);
    size = 0;
  }
}
