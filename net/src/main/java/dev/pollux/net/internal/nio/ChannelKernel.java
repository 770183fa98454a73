package dev.pollux.net.internal.nio;

import dev.pollux.net.internal.memory.BufferViews;
import dev.pollux.net.internal.nio.ChannelTable.Entry;
import dev.pollux.sys.Errno;
import dev.pollux.sys.EventFd;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The calls that a readiness loop makes, over the JDK's channels: with them the same loop runs
/// where the kernel can't be called. No native access, and nothing is allocated per message.
public final class ChannelKernel extends RefusingKernel {
  private final ChannelTable table;
  private final BufferViews views = new BufferViews();

  public ChannelKernel(ChannelTable table) {
    this.table = table;
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    try {
      SocketChannel channel =
          SocketChannel.open(
              domain == Socket.AF_INET6
                  ? StandardProtocolFamily.INET6
                  : StandardProtocolFamily.INET);
      channel.configureBlocking((type & Socket.SOCK_NONBLOCK) == 0);
      return add(channel);
    } catch (IOException e) {
      return ChannelErrno.ofOpening(e);
    }
  }

  private int add(SocketChannel channel) {
    Entry entry = new Entry();
    entry.connection = channel;
    return table.add(entry);
  }

  @Override
  public int bind(int fd, SockAddr address) {
    Entry entry = table.at(fd);
    SocketChannel channel = table.connection(fd);
    if (entry == null || channel == null) {
      return -Errno.EBADF;
    }
    InetSocketAddress asked = address.toInetSocketAddress();
    try {
      channel.bind(asked);
      entry.bound = asked;
      return 0;
    } catch (IOException e) {
      return ChannelErrno.ofBinding(e, asked);
    }
  }

  /// A channel is made for one of the two: what was bound gives the address to one that listens.
  @Override
  public int listen(int fd, int backlog) {
    Entry entry = table.at(fd);
    SocketChannel channel = table.connection(fd);
    if (entry == null || channel == null) {
      return -Errno.EBADF;
    }
    InetSocketAddress asked = Objects.requireNonNull(entry.bound, "it was not bound");
    ServerSocketChannel server;
    try {
      server = ServerSocketChannel.open();
    } catch (IOException e) {
      return ChannelErrno.ofOpening(e);
    }
    try {
      entry.listening = server;
      entry.connection = null;
      server.configureBlocking(channel.isBlocking());
      server.setOption(StandardSocketOptions.SO_REUSEADDR, entry.reuseAddress);
      channel.close();
      server.bind(asked, backlog);
      return 0;
    } catch (IOException e) {
      return ChannelErrno.ofBinding(e, asked);
    }
  }

  @Override
  public int accept4(int fd, @Nullable SockAddr peer, int flags) {
    Entry entry = table.at(fd);
    ServerSocketChannel server = entry == null ? null : entry.listening;
    if (entry == null || server == null) {
      return -Errno.EBADF;
    }
    SocketChannel channel;
    try {
      channel = server.accept();
    } catch (IOException e) {
      return ChannelErrno.ofOpening(e);
    }
    if (channel == null) {
      return -Errno.EAGAIN;
    }
    try {
      channel.configureBlocking((flags & Socket.SOCK_NONBLOCK) == 0);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, entry.noDelay);
      if (peer != null && channel.getRemoteAddress() instanceof InetSocketAddress from) {
        peer.set(from);
      }
      return add(channel);
    } catch (IOException e) {
      // Gone while it waited to be accepted.
      closeQuietly(channel);
      return -Errno.ECONNABORTED;
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // There is nothing more to be done for it.
    }
  }

  @Override
  public int connect(int fd, SockAddr remote) {
    Entry entry = table.at(fd);
    SocketChannel channel = table.connection(fd);
    if (entry == null || channel == null) {
      return -Errno.EBADF;
    }
    try {
      if (channel.isConnectionPending()) {
        return channel.finishConnect() ? 0 : -Errno.EALREADY;
      }
      entry.connecting = System.nanoTime();
      return channel.connect(remote.toInetSocketAddress()) ? 0 : -Errno.EINPROGRESS;
    } catch (AlreadyConnectedException e) {
      return -Errno.EISCONN;
    } catch (IOException e) {
      return ChannelErrno.ofConnecting(e, entry.connecting);
    }
  }

  @Override
  public int getsockname(int fd, SockAddr address) {
    Entry entry = table.at(fd);
    ServerSocketChannel server = entry == null ? null : entry.listening;
    SocketChannel channel = table.connection(fd);
    try {
      SocketAddress local = null;
      if (server != null) {
        local = server.getLocalAddress();
      } else if (channel != null) {
        local = channel.getLocalAddress();
      }
      if (!(local instanceof InetSocketAddress own)) {
        return -Errno.EBADF;
      }
      address.set(own);
      return 0;
    } catch (IOException e) {
      return ChannelErrno.ofTransfer(e);
    }
  }

  @Override
  public int recv(int fd, MemorySegment buffer, int flags) {
    SocketChannel channel = table.connection(fd);
    if (channel == null) {
      return -Errno.EBADF;
    }
    ByteBuffer view = views.of(buffer, 0, (int) buffer.byteSize());
    try {
      int received = channel.read(view);
      // The end of input is -1 here, and 0 is what the kernel calls EAGAIN.
      return received < 0 ? 0 : received == 0 ? -Errno.EAGAIN : received;
    } catch (NotYetConnectedException e) {
      return -Errno.ENOTCONN;
    } catch (IOException e) {
      return ChannelErrno.ofTransfer(e);
    }
  }

  @Override
  public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
    SocketChannel channel = table.connection(fd);
    if (channel == null) {
      return -Errno.EBADF;
    }
    ByteBuffer view = views.of(buffer, (int) offset, Math.toIntExact(offset + length));
    try {
      int sent = channel.write(view);
      return sent == 0 && length > 0 ? -Errno.EAGAIN : sent;
    } catch (NotYetConnectedException e) {
      return -Errno.ENOTCONN;
    } catch (IOException e) {
      return ChannelErrno.ofTransfer(e);
    }
  }

  @Override
  public int sendmsg(int fd, IoVector pieces, int flags) {
    int total = 0;
    for (int i = 0; i < pieces.count(); i++) {
      MemorySegment piece = pieces.piece(i);
      int sent = send(fd, piece, 0, piece.byteSize(), flags);
      if (sent < 0) {
        return total > 0 ? total : sent;
      }
      total += sent;
      if (sent < piece.byteSize()) {
        return total;
      }
    }
    return total;
  }

  @Override
  public int eventfd(int initialValue, int flags) {
    Entry entry = new Entry();
    entry.counter.set(initialValue);
    if ((flags & EventFd.EFD_NONBLOCK) == 0) {
      // A descriptor in reserve: it has to be a real one.
      try {
        entry.connection = SocketChannel.open();
      } catch (IOException e) {
        return ChannelErrno.ofOpening(e);
      }
    }
    return table.add(entry);
  }

  @Override
  public int read(int fd, MemorySegment buffer) {
    Entry entry = table.at(fd);
    if (entry == null || !entry.isCounter()) {
      return -Errno.EBADF;
    }
    long value = entry.counter.getAndSet(0);
    if (value == 0) {
      return -Errno.EAGAIN;
    }
    buffer.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    return Long.BYTES;
  }

  @Override
  public int write(int fd, MemorySegment buffer, long offset, long length) {
    Entry entry = table.at(fd);
    if (entry == null || !entry.isCounter()) {
      return -Errno.EBADF;
    }
    entry.counter.addAndGet(buffer.get(ValueLayout.JAVA_LONG_UNALIGNED, offset));
    Selector waiting = entry.waiting;
    if (waiting != null) {
      waiting.wakeup();
    }
    return Long.BYTES;
  }

  @Override
  public int shutdown(int fd, int how) {
    SocketChannel channel = table.connection(fd);
    if (channel == null) {
      return -Errno.EBADF;
    }
    try {
      if (how != Socket.SHUT_WR) {
        channel.shutdownInput();
      }
      if (how != Socket.SHUT_RD) {
        channel.shutdownOutput();
      }
      return 0;
    } catch (NotYetConnectedException e) {
      return -Errno.ENOTCONN;
    } catch (IOException e) {
      return -Errno.ENOTCONN;
    }
  }

  @Override
  public int close(int fd) {
    Entry entry = table.remove(fd);
    if (entry == null) {
      return -Errno.EBADF;
    }
    try {
      entry.close();
      return 0;
    } catch (IOException e) {
      return ChannelErrno.ofTransfer(e);
    }
  }

  /// `TCP_NODELAY`, `SO_REUSEADDR`; other options of Linux are the system's to decide.
  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    Entry entry = table.at(fd);
    if (entry == null) {
      return -Errno.EBADF;
    }
    if (level == Socket.IPPROTO_TCP && option == Socket.TCP_NODELAY) {
      entry.noDelay = value != 0;
      return set(fd, StandardSocketOptions.TCP_NODELAY, value != 0);
    }
    if (level == Socket.SOL_SOCKET && option == Socket.SO_REUSEADDR) {
      entry.reuseAddress = value != 0;
      return set(fd, StandardSocketOptions.SO_REUSEADDR, value != 0);
    }
    return 0;
  }

  @Override
  public int setsockopt(int fd, int level, int option, MemorySegment value) {
    if (level == Socket.SOL_SOCKET && option == Socket.SO_LINGER) {
      boolean on = value.get(ValueLayout.JAVA_INT, 0) != 0;
      int seconds = value.get(ValueLayout.JAVA_INT, Integer.BYTES);
      return set(fd, StandardSocketOptions.SO_LINGER, on ? seconds : -1);
    }
    return 0;
  }

  private <T> int set(int fd, SocketOption<T> option, T value) {
    SocketChannel channel = table.connection(fd);
    if (channel == null) {
      return -Errno.EBADF;
    }
    try {
      channel.setOption(option, value);
      return 0;
    } catch (IOException e) {
      return ChannelErrno.ofTransfer(e);
    }
  }
}
