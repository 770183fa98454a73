package dev.pollux.net.internal.nio;

import dev.pollux.net.internal.loop.DescriptorKey;
import dev.pollux.net.internal.nio.ChannelTable.Entry;
import dev.pollux.net.internal.readiness.Interest;
import dev.pollux.net.internal.readiness.Poller;
import dev.pollux.net.internal.readiness.ReadyList;
import dev.pollux.net.internal.time.Timeouts;
import dev.pollux.sys.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The JDK's selector: `epoll` on Linux, `kqueue` on macOS, something of its own on Windows.
public final class NioPoller implements Poller {
  /// The JDK's selectors ask the system for at most so many events at a time, or for more: it does
  /// not say.
  private static final int EVENTS_PER_WAIT_AT_LEAST = 256;

  private final ChannelTable table;
  private final Selector selector;
  private final ReadyList ready = new ReadyList();
  private final Consumer<SelectionKey> collect = this::collect;
  private @Nullable Entry counter;
  private long counterKey;

  /// @throws IOException if the system has no selector to give
  public NioPoller(ChannelTable table) throws IOException {
    this.table = table;
    this.selector = Selector.open();
  }

  @Override
  public int add(long key, int interest) {
    Entry entry = table.at(DescriptorKey.fd(key));
    if (entry == null) {
      return -Errno.EBADF;
    }
    SelectableChannel channel = channel(entry);
    if (channel == null) {
      counter = entry;
      counterKey = key;
      entry.waiting = selector;
      return 0;
    }
    try {
      channel.register(selector, operations(entry, interest), key);
      return 0;
    } catch (ClosedChannelException e) {
      return -Errno.EBADF;
    }
  }

  @Override
  public int modify(long key, int interest) {
    Entry entry = table.at(DescriptorKey.fd(key));
    SelectionKey registered = registered(entry);
    if (entry == null || registered == null) {
      return -Errno.ENOENT;
    }
    try {
      registered.interestOps(operations(entry, interest));
      return 0;
    } catch (CancelledKeyException e) {
      return -Errno.ENOENT;
    }
  }

  @Override
  public void remove(long key) {
    Entry entry = table.at(DescriptorKey.fd(key));
    SelectionKey registered = registered(entry);
    if (registered == null) {
      return;
    }
    registered.cancel();
    if (entry != null && entry.listening != null) {
      forgetCancelled();
    }
  }

  /// A channel that is closed while its key is only cancelled stays open until the next selection:
  /// whoever closes a listening socket wants it to be off its port now. What is ready is told by
  /// the next wait again.
  private void forgetCancelled() {
    try {
      selector.selectNow(ready -> {});
    } catch (IOException e) {
      throw new UncheckedIOException("selecting", e);
    }
  }

  @Override
  public int await(long timeoutNanos, ReadySink sink) {
    try {
      if (timeoutNanos == 0 || counterIsUp()) {
        selector.selectNow(collect);
      } else {
        // 0 is for ever here.
        selector.select(collect, Math.max(0, Timeouts.toMillis(timeoutNanos)));
      }
    } catch (IOException e) {
      return ChannelErrno.ofTransfer(e);
    }
    if (counterIsUp()) {
      ready.add(counterKey, Interest.READ);
    }
    return ready.deliver(sink);
  }

  @Override
  public boolean toldAll(int ready) {
    return ready >= 0 && ready < EVENTS_PER_WAIT_AT_LEAST;
  }

  private boolean counterIsUp() {
    Entry watched = counter;
    return watched != null && watched.counter.get() != 0;
  }

  private void collect(SelectionKey key) {
    int operations = key.readyOps();
    boolean read = (operations & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT)) != 0;
    boolean write = (operations & (SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT)) != 0;
    ready.add((Long) key.attachment(), (read ? Interest.READ : 0) | (write ? Interest.WRITE : 0));
  }

  private @Nullable SelectionKey registered(@Nullable Entry entry) {
    SelectableChannel channel = entry == null ? null : channel(entry);
    return channel == null ? null : channel.keyFor(selector);
  }

  private static @Nullable SelectableChannel channel(Entry entry) {
    SocketChannel connection = entry.connection;
    return connection != null ? connection : entry.listening;
  }

  private static int operations(Entry entry, int interest) {
    boolean read = (interest & Interest.READ) != 0;
    boolean write = (interest & Interest.WRITE) != 0;
    SocketChannel connection = entry.connection;
    if (connection == null) {
      return read ? SelectionKey.OP_ACCEPT : 0;
    }
    if (!connection.isConnected()) {
      return write ? SelectionKey.OP_CONNECT : 0;
    }
    return (read ? SelectionKey.OP_READ : 0) | (write ? SelectionKey.OP_WRITE : 0);
  }

  /// Channels that were closed while they were registered are really closed now.
  @Override
  public void close() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing a selector", e);
    }
  }
}
