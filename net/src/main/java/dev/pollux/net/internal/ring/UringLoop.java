package dev.pollux.net.internal.ring;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.RingOptions;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.loop.BufferedConnection;
import dev.pollux.net.internal.loop.Loop;
import dev.pollux.net.internal.loop.LoopEngine;
import dev.pollux.net.internal.time.TimingWheel;
import dev.pollux.sys.CountingRing;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxRing;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.Ring;
import dev.pollux.sys.RingOperations;
import dev.pollux.sys.RingSetup;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SystemCall;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An event loop over an io_uring(7): it says what is to be done, and is told what was done.
///
/// A turn submits what the turn before has queued and waits, in one call; then hands on what has
/// completed, does what other threads asked for and the timers that are over, and last queues a
/// receive or a send for each connection that needs one: all that was written to it, but for much
/// output, which a connection sends by a call as soon as it is written.
public final class UringLoop extends Loop {
  /// A connection's output begins with this much: it keeps its memory until the kernel has sent it,
  /// so many connections have one at the same time.
  private static final int OUTPUT_CHUNK_BYTES = 4096;

  private static final int LARGEST_RECEIVE_BUFFER_BYTES = 32 * 1024;
  private static final long LAST_WAIT_NANOS = 50_000_000;
  private static final int LAST_WAITS = 100;

  /// The kernel does this much completion work in one call, or more, and leaves the rest for the
  /// next one (20 since Linux 6.13, all there is before that); some of it has no completion.
  private static final int COMPLETIONS_AT_LEAST = 8;

  /// Tags that are no connection's.
  public static final long WAKEUP_TAG = Ring.MAX_TAG;

  public static final long NOBODYS_TAG = Ring.MAX_TAG - 1;

  /// No operation's number: what is named if a call came back and no completion did.
  private static final long ENTERED = -1;

  private final Ring ring;
  private final int directSlots;
  private final MemorySegment oneByte = arena.allocate(1);
  private final TimingWheel wheel;
  private final LoopEngine engine;
  private final UringListeners listeners = new UringListeners();

  private final UringFiles files;
  private final Receiving receiving;
  private final QuietSends quietSends;
  private final UringCompletions completions;

  /// What has to be queued sooner or later, and could not be yet.
  private final ArrayDeque<Runnable> unqueued = new ArrayDeque<>();

  // Made once: a method reference in the turn would be an allocation each time.
  private final TimingWheel.Expiry timerOver = this::onTimer;

  /// @throws IOException one sentence that says why there is no ring
  public UringLoop(
      LoopEngine engine, EngineOptions options, Function<Arena, Kernel> kernels, RateLimitedLog log)
      throws IOException {
    super(options, kernels, OUTPUT_CHUNK_BYTES, log);
    this.engine = engine;
    RingOptions wanted = options.ring();
    RingSetup setup = wanted.setup();
    int receiveBytes =
        Math.min(
            setup.receiveBufferBytes(),
            Math.min(LARGEST_RECEIVE_BUFFER_BYTES, options.receiveBufferBytes()));
    try {
      LinuxRing opened =
          LinuxRing.open(arena, setup.withReceiveBuffers(setup.receiveBuffers(), receiveBytes));
      this.ring = new CountingRing(wanted.rings().apply(opened), ledger);
    } catch (IOException e) {
      wakeup.close();
      closeMemory();
      throw e;
    }
    this.receiving = new Receiving(ring, receiveBytes);
    this.quietSends = new QuietSends(ring, ledger);
    this.files = new UringFiles(this, ring);
    this.completions = new UringCompletions(this, files, listeners);
    this.wheel = new TimingWheel(nanoClock.getAsLong());
    try {
      this.directSlots = wanted.direct() ? DirectTable.register(ring, kernel(), wanted) : 0;
    } catch (IOException e) {
      ring.close();
      wakeup.close();
      closeMemory();
      throw e;
    }
    watchWakeup();
  }

  private void watchWakeup() {
    // The eventfd is never read: each write to it is an event, whatever its value is.
    RingOperations.poll(ring, wakeup.fd(), 0, PollFds.POLLIN, true, WAKEUP_TAG);
  }

  // The turn

  @Override
  public void turn(long maxWaitNanos) {
    long began = nanoClock.getAsLong();
    // Sends of which nothing is heard are over when they are submitted, and then others may be due.
    queueAgain();
    boolean waits = quietSends.isEmpty() && unqueued.isEmpty();
    long wait = announceWait(waits ? nanosToWait(maxWaitNanos, began) : 0);
    int entered = ring.enter(wait == 0 ? 0 : 1, wait);
    waited();
    spins.reported(ENTERED, entered);
    switch (-Math.min(0, entered)) {
      // EBUSY, EAGAIN: completions have to be taken before more is submitted.
      case 0, Errno.EINTR, Errno.ETIME, Errno.EBUSY, Errno.EAGAIN -> {}
      default -> throw new IllegalStateException("io_uring_enter: " + Errno.describe(entered));
    }
    takeResults();
    batch().readAgain();
    owner().runEntries();
    if (entered >= 0 || entered == -Errno.ETIME) {
      wheel.advance(began, timerOver);
    }
    listeners.onTurn(began);
    batch().flush();
    batch().finishEnded();
    if (completions.count() > 0 || (entered < 0 && entered != -Errno.ETIME)) {
      spins.afterWakeup();
    }
  }

  @Override
  public String reportInWords(long operation, int result) {
    return operation == ENTERED
        ? "io_uring_enter returns " + Errno.describe(result)
        : SystemCall.ofOpcode((int) (operation >>> 56))
            + (" of file " + (int) operation + " completes with " + Errno.describe(result));
  }

  /// Queues what would be lost if it were not queued: should that throw, the next turn tries it
  /// again.
  public void queueSurely(Runnable queue) {
    if (!attempt(queue)) {
      unqueued.add(queue);
    }
  }

  private void queueAgain() {
    for (int i = unqueued.size(); i > 0; i--) {
      queueSurely(unqueued.remove());
    }
  }

  /// What the last enter has brought.
  private void takeResults() {
    quietSends.entered();
    quietSends.settle();
    completions.take();
    quietSends.settle();
  }

  @Override
  public long nanosToNextTimer(long now) {
    return listeners.nanosToNextTimer(now, wheel.nanosToNext(now));
  }

  private void onTimer(int slot) {
    UringTarget target = files.at(slot);
    if (target != null) {
      try {
        target.onTimer();
      } catch (Throwable t) {
        target.fail(t);
      }
    }
  }

  @Override
  public void end() {
    attempt(listeners::close);
    // What was sent before still goes out.
    attempt(owner()::runEntries);
    attempt(this::endConnections);
    attempt(() -> owner().closeInbox(this::endConnections));
    // The kernel may use memory of ours until the last operation has completed, may bring a client
    // until the last accept has, and has to take the submissions that close descriptors.
    for (int inVain = 0; inVain < LAST_WAITS; inVain = completions.count() > 0 ? 0 : inVain + 1) {
      boolean awaited = files.held() > 0 || !listeners.areOver();
      if (!awaited && ring.unsubmitted() == 0 && unqueued.isEmpty()) {
        break;
      }
      completions.reset();
      attempt(() -> lastTurn(awaited));
    }
    if (files.held() > 0) {
      log.log(Level.WARNING, files.held() + " connections would not end", null);
    }
    attempt(ring::close);
    attempt(wakeup::close);
    closeMemory();
  }

  private void lastTurn(boolean awaited) {
    queueAgain();
    boolean waits = awaited && quietSends.isEmpty() && unqueued.isEmpty();
    int entered = ring.enter(waits ? 1 : 0, LAST_WAIT_NANOS);
    spins.reported(ENTERED, entered);
    takeResults();
    batch().finishEnded();
    spins.afterWakeup();
  }

  private void endConnections() {
    files.endAll();
    batch().finishEnded();
  }

  /// The wake-up is watched no more: again, unless the loop ends.
  public void wakeupEnded() {
    if (!stopping) {
      watchWakeup();
    }
  }

  /// Another loop has accepted a client, raised our load, and sent it.
  public void sentByAnother(int listenerId, int number, int file) {
    adoptDirect(file, Announced.take(number), engine.protocols(listenerId));
  }

  // Connections

  @Override
  public int socketFlags() {
    return 0;
  }

  @Override
  public Listening listen(
      LoopEngine engine,
      int fd,
      InetSocketAddress address,
      Supplier<? extends Protocol> protocols) {
    int id = engine.register(protocols);
    UringListener listener = new UringListener(this, engine, fd, address, protocols, id);
    listeners.add(listener);
    listener.arm();
    return listener;
  }

  @Override
  public void adopt(int fd, @Nullable PeerAddress peer, Protocol protocol) {
    adopt(fd, false, peer, protocol);
  }

  /// Takes over an accepted file of the ring's own table, as [#adopt].
  public void adoptDirect(
      int file, @Nullable PeerAddress peer, Supplier<? extends Protocol> protocols) {
    try {
      adopt(file, true, peer, Objects.requireNonNull(protocols.get(), "no protocol was supplied"));
    } catch (Throwable t) {
      owner().reportFailure("a client could not be served and is dropped", t);
      files.closeDirect(file);
      load().decrementAndGet();
    }
  }

  private void adopt(int file, boolean direct, @Nullable PeerAddress peer, Protocol protocol) {
    UringConnection connection = new UringConnection(this, file, direct, peer, protocol);
    files.register(file, connection);
    accepted.increment();
    openedBy(connection);
    if (stopping) {
      // Too late to be among those that end with the loop.
      endWithEngine(connection);
    }
  }

  private static void endWithEngine(UringConnection connection) {
    try {
      connection.endWithEngine();
    } catch (Throwable t) {
      connection.fail(t);
    }
  }

  /// Puts a connection behind the file of its connect.
  public void replace(int file, UringConnection connection) {
    files.replace(file, connection);
    openedBy(connection);
  }

  /// Tells the peer of an accepted descriptor, in the protocol's words, that it can't be served.
  /// The descriptor stays open.
  public void refuse(
      int fd, @Nullable PeerAddress peer, Supplier<? extends Protocol> protocols, Refusal refusal) {
    refused.increment();
    try {
      new UringConnection(this, fd, false, peer, protocols.get()).refused(refusal);
    } catch (Throwable t) {
      owner().reportFailure("a client (" + peer + ") is refused without words", t);
    }
  }

  @Override
  public void connect(ConnectOptions to, Protocol protocol) {
    UringConnecting.begin(this, to, protocol);
  }

  /// A file is at an end, and nothing is under way on it.
  public void release(int file, boolean direct, boolean reset) {
    wheel.cancel(file);
    load().decrementAndGet();
    files.release(file, direct, reset);
  }

  @Override
  public void setTimer(BufferedConnection connection, long delayNanos) {
    connection.looks = 0;
    setTimer(connection.fd, delayNanos);
  }

  public void setTimer(int file, long delayNanos) {
    wheel.set(file, nanoClock.getAsLong(), delayNanos);
  }

  @Override
  public void cancelTimer(BufferedConnection connection) {
    connection.looks = 0;
    cancelTimer(connection.fd);
  }

  public void cancelTimer(int file) {
    wheel.cancel(file);
  }

  // What the loop's connections work with

  public Ring ring() {
    return ring;
  }

  /// Whether the call that came last has brought all that there was to bring.
  public boolean toldAll() {
    return completions.count() < COMPLETIONS_AT_LEAST;
  }

  /// Whether there is nothing that a descriptor's next receive would bring.
  public boolean hasNothingUnread(int fd) {
    return !ring.hasNext()
        && kernel().recv(fd, oneByte, Socket.MSG_PEEK | Socket.MSG_DONTWAIT) == -Errno.EAGAIN;
  }

  public UringFiles files() {
    return files;
  }

  public Receiving receiving() {
    return receiving;
  }

  public QuietSends quietSends() {
    return quietSends;
  }

  /// Whether connections live in the ring's own table.
  public boolean direct() {
    return directSlots > 0;
  }

  @Override
  public boolean hasRoom() {
    return directSlots == 0 || load().get() < directSlots - DirectTable.RESERVE;
  }

  @Override
  public String details() {
    return ring.features() + (direct() ? ", direct descriptors: " + directSlots : "");
  }
}
