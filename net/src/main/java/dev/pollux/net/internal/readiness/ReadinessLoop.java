package dev.pollux.net.internal.readiness;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.loop.BufferedConnection;
import dev.pollux.net.internal.loop.DescriptorKey;
import dev.pollux.net.internal.loop.Loop;
import dev.pollux.net.internal.loop.LoopEngine;
import dev.pollux.net.internal.memory.Output;
import dev.pollux.net.internal.time.TimingWheel;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An event loop over a [Poller]: what it does is one [#turn] after the other.
///
/// A turn waits, handles what is ready, then what other threads asked for and the timers that were
/// over before it waited, then flushes the connections that were written to by somebody else's
/// event, and last closes the descriptors of those that ended.
///
/// So a timer comes after a wait that began when it was over already, and whatever had arrived by
/// then has been delivered: nobody is found silent whose answer lies in the socket, however long
/// the loop was held or the process stopped. Where one wait could not tell of all that was ready,
/// each connection whose timer is over is received from first.
public final class ReadinessLoop extends Loop implements Poller.ReadySink {
  /// No descriptor's key.
  private static final long NOTHING = -1;

  private final Poller poller;
  private final Watches watches;
  private final MemorySegment receiveBuffer;

  /// Whether the last wait has told of everything that was ready.
  private boolean toldAll;

  // Made once: a method reference in the turn would be an allocation each time.
  private final TimingWheel.Expiry timerOver = this::onTimer;

  /// Opens the loop's poller and wake-up watches. `kernels` makes the kernel of each owner, with
  /// memory of that arena.
  ///
  /// @throws IOException naming the call and the errno
  public ReadinessLoop(
      EngineOptions options,
      Function<Arena, Kernel> kernels,
      PollerFactory pollers,
      RateLimitedLog log)
      throws IOException {
    super(options, kernels, Output.CHUNK_BYTES, log);
    this.receiveBuffer = arena.allocate(options.receiveBufferBytes(), Long.BYTES);
    try {
      this.poller = pollers.open(kernel(), arena);
    } catch (IOException e) {
      wakeup.close();
      closeMemory();
      throw e;
    }
    this.watches = new Watches(poller, nanoClock);
    try {
      watches.watchOwn(wakeup.fd(), readiness -> drainWakeup());
    } catch (IOException e) {
      poller.close();
      wakeup.close();
      closeMemory();
      throw e;
    }
  }

  private void drainWakeup() {
    if (wakeup.drain()) {
      spins.progress();
    }
  }

  /// Makes the poller of a loop, with memory of the loop's arena.
  @FunctionalInterface
  public interface PollerFactory {
    Poller open(Kernel kernel, Arena arena) throws IOException;
  }

  @Override
  public void turn(long maxWaitNanos) {
    long began = nanoClock.getAsLong();
    int ready = poller.await(announceWait(nanosToWait(maxWaitNanos, began)), this);
    waited();
    if (ready < 0) {
      spins.reported(NOTHING, 0);
      if (ready != -Errno.EINTR) {
        throw new IllegalStateException("waiting for I/O: " + Errno.describe(ready));
      }
    }
    batch().readAgain();
    owner().runEntries();
    if (ready >= 0) {
      toldAll = poller.toldAll(ready);
      watches.advanceTimers(began, timerOver);
    }
    batch().flush();
    batch().finishEnded();
    if (ready != 0 && poller.waits()) {
      spins.afterWakeup();
    }
  }

  @Override
  public String reportInWords(long key, int readiness) {
    if (key == NOTHING) {
      return "the wait is interrupted";
    }
    return "descriptor "
        + DescriptorKey.fd(key)
        + " is reported ready ("
        + Interest.names(readiness)
        + ")"
        + (watches.find(key) == null ? " though it was closed" : "");
  }

  @Override
  public boolean endReported(long key) {
    if (key != NOTHING && watches.find(key) instanceof LoopConnection connection) {
      connection.abort();
      return true;
    }
    return false;
  }

  @Override
  public long nanosToNextTimer(long now) {
    return watches.nanosToNextTimer(now);
  }

  @Override
  public void onReady(long key, int readiness) {
    // The poller tells of it within its wait.
    mark().turns();
    spins.reported(key, readiness);
    Watched watched = watches.find(key);
    if (watched == null) {
      staleEvents.increment();
      return;
    }
    BufferedConnection before = batch().enter(connection(watched));
    try {
      watched.onReady(readiness);
    } catch (Throwable t) {
      eventFailed(watched, t);
    } finally {
      batch().leave(before);
    }
  }

  private static @Nullable BufferedConnection connection(Watched watched) {
    return watched instanceof LoopConnection connection ? connection : null;
  }

  private void onTimer(int fd) {
    Watched watched = watches.at(fd);
    if (watched != null) {
      BufferedConnection before = batch().enter(connection(watched));
      try {
        watched.onTimer();
      } catch (Throwable t) {
        eventFailed(watched, t);
      } finally {
        batch().leave(before);
      }
    }
  }

  /// The rest of the wait's events are delivered.
  private void eventFailed(Watched watched, Throwable cause) {
    if (watched instanceof LoopConnection connection) {
      connection.fail(cause);
      return;
    }
    owner().reportFailure("an event of " + watched + " failed", cause);
    if (watched instanceof Connecting connecting) {
      connecting.fail(cause);
    }
  }

  @Override
  public void end() {
    for (int fd = watches.highestDescriptor(); fd >= 0; fd--) {
      if (watches.at(fd) instanceof Listener listener) {
        listener.close();
      }
    }
    // What was sent before still goes out.
    attempt(owner()::runEntries);
    attempt(this::endConnections);
    attempt(() -> owner().closeInbox(this::endConnections));
    attempt(poller::close);
    attempt(wakeup::close);
    closeMemory();
  }

  private void endConnections() {
    for (int fd = watches.highestDescriptor(); fd >= 0; fd--) {
      Watched watched = watches.at(fd);
      if (watched != null) {
        try {
          watched.endWithEngine();
        } catch (Throwable t) {
          eventFailed(watched, t);
        }
      }
    }
    batch().finishEnded();
  }

  @Override
  public Listening listen(
      LoopEngine engine, int fd, InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException {
    Listener listener = new Listener(this, engine, fd, address, protocols, log);
    try {
      watches.watchOwn(fd, listener);
    } catch (Throwable t) {
      listener.close();
      throw t;
    }
    return listener;
  }

  // Connections

  @Override
  public void adopt(int fd, @Nullable PeerAddress peer, Protocol protocol) {
    LoopConnection connection = new LoopConnection(this, fd, peer, protocol);
    int result = watches.watch(fd, connection, connection.firstInterest());
    if (result < 0) {
      refuse(fd, peer, () -> protocol, Refusal.OUT_OF_RESOURCES);
      kernel().close(fd);
      load().decrementAndGet();
      return;
    }
    accepted.increment();
    openedBy(connection);
  }

  /// Tells the peer of an accepted descriptor, in the protocol's words, that it can't be served.
  /// The descriptor stays open.
  public void refuse(
      int fd, @Nullable PeerAddress peer, Supplier<? extends Protocol> protocols, Refusal refusal) {
    refused.increment();
    try {
      new LoopConnection(this, fd, peer, protocols.get()).refused(refusal);
    } catch (Throwable t) {
      owner().reportFailure("a client (" + peer + ") is refused without words", t);
    }
  }

  @Override
  public void connect(ConnectOptions to, Protocol protocol) {
    Connecting.begin(this, to, protocol);
  }

  public int connect(int fd, InetSocketAddress remote) {
    return kernel().connect(fd, scratch(remote));
  }

  /// A descriptor that is watched has become a connection. Result 0, or -errno if it can't be
  /// watched as one.
  public int connected(int fd, InetSocketAddress remote, Protocol protocol) {
    LoopConnection connection = new LoopConnection(this, fd, PeerAddress.of(remote), protocol);
    int result = watches.replace(fd, connection, connection.firstInterest());
    if (result < 0) {
      return result;
    }
    if (edgeTriggered()) {
      // The edge that told of the connection may have been that of its first bytes too.
      connection.listForRead();
    }
    openedBy(connection);
    return 0;
  }

  /// The descriptor is at an end: of the poller's list, of the wheel, of the table and of the
  /// kernel.
  public void closeDescriptor(int fd, boolean reset) {
    load().decrementAndGet();
    try {
      if (reset) {
        kernel().setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_LINGER, resetOnClose());
      }
    } finally {
      try {
        // What is closed and not forgotten would be waited for.
        watches.forget(fd);
      } finally {
        kernel().close(fd);
      }
    }
  }

  @Override
  public void setTimer(BufferedConnection connection, long delayNanos) {
    connection.looks = 0;
    watches.setTimer(connection.fd, delayNanos);
  }

  @Override
  public void cancelTimer(BufferedConnection connection) {
    connection.looks = 0;
    watches.cancelTimer(connection.fd);
  }

  // What the loop's connections and listeners work with

  public MemorySegment receiveBuffer() {
    return receiveBuffer;
  }

  public Watches watches() {
    return watches;
  }

  /// Whether the wait that came last has told of everything that was ready.
  public boolean toldAll() {
    return toldAll;
  }

  public boolean edgeTriggered() {
    return poller.edgeTriggered();
  }

  /// The highest descriptor that the loop can watch.
  public int highestDescriptor() {
    return poller.highestDescriptor();
  }
}
