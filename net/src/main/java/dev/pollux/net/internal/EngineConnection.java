package dev.pollux.net.internal;

import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What the connections of every engine have: a descriptor, a peer, the protocol of the moment, and
/// their entries in the owner's inbox.
public abstract class EngineConnection implements Connection {
  private static final VarHandle WAITING_TASKS;

  static {
    try {
      WAITING_TASKS =
          MethodHandles.lookup().findVarHandle(EngineConnection.class, "waitingTasks", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  public final int fd;
  private final @Nullable PeerAddress peer;
  private Protocol protocol;

  @SuppressWarnings("UnusedVariable") // Read and written through WAITING_TASKS.
  private volatile int waitingTasks;

  public EngineConnection(int fd, @Nullable PeerAddress peer, Protocol protocol) {
    this.fd = fd;
    this.peer = peer;
    this.protocol = protocol;
  }

  public final Protocol protocol() {
    return protocol;
  }

  @Override
  public final @Nullable InetSocketAddress remoteAddress() {
    return peer == null ? null : peer.toInetSocketAddress();
  }

  @Override
  public final void handOver(Protocol next, MemorySegment buffer, int offset, int length) {
    protocol = next;
    next.onOpen(this);
    if (length > 0 && isOpen()) {
      next.onBytes(this, buffer, offset, length);
    }
  }

  // The owner's inbox

  /// Puts an entry into the owner's inbox and wakes the owner. Any thread. False if it has ended.
  public abstract boolean enter(Inbox.Entry entry);

  /// How many tasks may wait for it.
  public abstract int taskCapacity();

  /// Something of it has thrown: it ends, and that is logged and counted. The owner.
  public abstract void fail(Throwable cause);

  @Override
  public final boolean enter(Runnable entry) {
    return enter(new Inbox.Entry(entry, this, false));
  }

  @Override
  public final boolean execute(Runnable task) {
    boolean accepted =
        (int) WAITING_TASKS.getAndAdd(this, 1) < taskCapacity()
            && enter(new Inbox.Entry(task, this, true));
    if (!accepted) {
      WAITING_TASKS.getAndAdd(this, -1);
    }
    return accepted;
  }

  /// A task does not wait any more. The owner.
  public final void taskBegins() {
    WAITING_TASKS.getAndAdd(this, -1);
  }

  @Override
  public final String toString() {
    return "connection " + peer + " (fd " + fd + ")";
  }

  /// What a thread of its own is called: the port first, because Linux shows 15 characters.
  public final String threadName() {
    InetSocketAddress remote = remoteAddress();
    return remote == null ? "client" : "client-" + remote.getPort() + "@" + Sockets.ip(remote);
  }
}
