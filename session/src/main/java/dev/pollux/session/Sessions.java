package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.DeflateStatistics;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.Opcode;
import dev.pollux.zlib.Zlib;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sessions of one server (or client): what they share, which of them are open, what they have
/// done.
///
/// Any thread may call its methods. To be closed after the last connection has ended.
public final class Sessions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
  private static final AtomicBoolean STAND_IN_TOLD = new AtomicBoolean();

  /// 2^32 divided by it.
  private static final int GOLDEN_RATIO = 0x9e3779b9;

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int RETRIES_AFTER_THE_END = 1000;

  private final SessionOptions options;
  private final Executor offloadExecutor;
  private final SessionRegister register = new SessionRegister();
  private final SessionCounters counters = new SessionCounters();
  private final @Nullable DeflateStreams compression;
  private final AtomicInteger spreadOver = new AtomicInteger();

  /// @param offloadExecutor runs the works of [WebSocket#offload]; it may refuse one
  ///   ([java.util.concurrent.RejectedExecutionException]), and must never run one on the calling
  ///   thread
  public Sessions(SessionOptions options, Executor offloadExecutor) {
    this.options = options;
    this.offloadExecutor = offloadExecutor;
    this.compression = compressionOf(options.compression());
  }

  private static @Nullable DeflateStreams compressionOf(@Nullable CompressionOptions options) {
    if (options == null) {
      return null;
    }
    String why = Zlib.whyUnavailable();
    if (why != null && STAND_IN_TOLD.compareAndSet(false, true)) {
      LOG.warn(
          "messages are compressed by java.util.zip, whose window and memory can't be chosen: {}",
          why);
    }
    return new DeflateStreams(Zlib.compression(), options);
  }

  public SessionOptions options() {
    return options;
  }

  /// For the opening handshake: what is offered and accepted of permessage-deflate (RFC 7692). Null
  /// without compression.
  public @Nullable DeflateStreams compression() {
    return compression;
  }

  /// A number from `least` to `bound - 1`, far from those before it: multiples of the golden ratio
  /// leave no gap and make no heap, and the same sessions get the same ones every time. Any thread.
  int spread(int least, int bound) {
    long fraction = Integer.toUnsignedLong(spreadOver.incrementAndGet() * GOLDEN_RATIO);
    return least + (int) ((fraction * (bound - least)) >>> Integer.SIZE);
  }

  /// Those that are open now; one that opens or ends meanwhile may be missing or have ended.
  public List<WebSocketSession> open() {
    return register.snapshot();
  }

  /// Sends one message to many sessions: the frame is written once, and each of them sends the same
  /// memory. A session above its limit of pending output is dealt with by its [OutputPolicy].
  ///
  /// @param to which of the open sessions; asked on the calling thread
  /// @return how many accepted it
  public int broadcast(
      boolean text, MemorySegment payload, Predicate<? super WebSocketSession> to) {
    int opcode = text ? Opcode.TEXT : Opcode.BINARY;
    SharedMessage message = SharedMessage.of(opcode, payload, (int) payload.byteSize());
    // Compressed for the first one that agreed to it, and not if there is none.
    DeflateStreams untried = compression;
    int accepted = 0;
    try {
      for (WebSocketSession session : open()) {
        if (to.test(session)) {
          if (untried != null && session.compression() != null) {
            message = message.withDeflated(untried);
            untried = null;
          }
          SendStatus status = session.sendShared(message);
          if (status == SendStatus.ACCEPTED || status == SendStatus.BACKPRESSURE) {
            accepted++;
          }
        }
      }
    } finally {
      message.release();
    }
    return accepted;
  }

  /// What the sessions have done so far.
  public SessionStatistics statistics() {
    return counters.snapshot(
        compression == null ? DeflateStatistics.NONE : compression.statistics());
  }

  /// Gives back what is kept for compression.
  @Override
  public void close() {
    if (compression != null) {
      compression.close();
    }
  }

  Executor offloadExecutor() {
    return offloadExecutor;
  }

  SessionCounters counters() {
    return counters;
  }

  void add(WebSocketSession session) {
    counters.opened.increment();
    register.add(session);
  }

  void remove(WebSocketSession session) {
    register.remove(session);
    counters.closed.increment();
  }

  /// Runs what must not get lost as the owner of `connection`. If the owner's mailbox is full, a
  /// thread of its own waits for a place, so that the caller does not.
  void runAsOwner(Connection connection, Runnable task) {
    if (!connection.execute(task)) {
      Thread.ofVirtual().name("pollux-retry").start(() -> retry(connection, task));
    }
  }

  private static void retry(Connection connection, Runnable task) {
    int triesAfterTheEnd = 0;
    while (!connection.execute(task)) {
      if (!connection.isOpen() && ++triesAfterTheEnd > RETRIES_AFTER_THE_END) {
        // No place in the mailbox for a second although the connection has ended: the engine has
        // ended too, and with it
        // every other thread that could be in a callback of this connection.
        task.run();
        return;
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }
}
