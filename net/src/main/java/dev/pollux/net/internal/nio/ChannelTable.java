package dev.pollux.net.internal.nio;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What a process has in the kernel, an engine of `nio` has here: a table of open channels, each
/// with a small number, the lowest free one. Any thread.
public final class ChannelTable {
  private volatile @Nullable Entry[] entries = new Entry[64];
  private final BitSet used = new BitSet();

  /// Behind a number: a connection, a listening socket, or a counter that wakes a selector.
  public static final class Entry {
    public volatile @Nullable SocketChannel connection;
    public volatile @Nullable ServerSocketChannel listening;

    /// The address that was asked for.
    public volatile @Nullable InetSocketAddress bound;

    /// When it began to connect, by [System#nanoTime].
    public volatile long connecting;

    public volatile boolean reuseAddress;
    public volatile boolean noDelay;

    /// Of an eventfd(2).
    public final AtomicLong counter = new AtomicLong();

    /// Who waits for the counter.
    public volatile @Nullable Selector waiting;

    public boolean isCounter() {
      return connection == null && listening == null;
    }

    public void close() throws IOException {
      SocketChannel open = connection;
      if (open != null) {
        open.close();
      }
      ServerSocketChannel server = listening;
      if (server != null) {
        server.close();
      }
    }
  }

  public synchronized int add(Entry entry) {
    int fd = used.nextClearBit(0);
    used.set(fd);
    if (fd == entries.length) {
      entries = Arrays.copyOf(entries, fd * 2);
    }
    put(fd, entry);
    return fd;
  }

  public synchronized @Nullable Entry remove(int fd) {
    Entry entry = at(fd);
    if (entry != null) {
      put(fd, null);
      used.clear(fd);
    }
    return entry;
  }

  private void put(int fd, @Nullable Entry entry) {
    @Nullable Entry[] changed = entries;
    changed[fd] = entry;
    // Written again, so that who reads the field sees the element.
    entries = changed;
  }

  public @Nullable Entry at(int fd) {
    @Nullable Entry[] now = entries;
    return fd >= 0 && fd < now.length ? now[fd] : null;
  }

  public @Nullable SocketChannel connection(int fd) {
    Entry entry = at(fd);
    return entry == null ? null : entry.connection;
  }
}
