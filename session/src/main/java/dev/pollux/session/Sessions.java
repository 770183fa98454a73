package dev.pollux.session;

import dev.pollux.net.MemoryBudget;
import dev.pollux.net.MemoryRefusal;
import dev.pollux.net.OwnerLocal;
import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.DeflateStatistics;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.MemoryAccount;
import dev.pollux.websocket.Opcode;
import dev.pollux.zlib.Zlib;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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

  private final SessionOptions options;
  private final MemoryBudget memory;
  private final Executor offloadExecutor;
  private final SessionGroup all = new SessionGroup(this);

  /// The group of all with each owner.
  private final OwnerLocal<GroupSlot> slots = new OwnerLocal<>(owner -> new GroupSlot(all, owner));

  private final Group everyone = new Everyone(all);
  private final SessionCounters counters = new SessionCounters();
  private final @Nullable DeflateStreams compression;
  private final AtomicInteger spreadOver = new AtomicInteger();

  /// @param memory what the sessions' engine may hold
  /// @param offloadExecutor runs the works of [WebSocket#offload]; it may refuse one
  ///   ([java.util.concurrent.RejectedExecutionException]), and must never run one on the calling
  ///   thread
  public Sessions(SessionOptions options, MemoryBudget memory, Executor offloadExecutor) {
    this.options = options;
    this.memory = memory;
    this.offloadExecutor = offloadExecutor;
    this.compression = compressionOf(options.compression(), memory);
  }

  private static @Nullable DeflateStreams compressionOf(
      @Nullable CompressionOptions options, MemoryBudget memory) {
    if (options == null) {
      return null;
    }
    String why = Zlib.whyUnavailable();
    if (why != null && STAND_IN_TOLD.compareAndSet(false, true)) {
      LOG.warn(
          "messages are compressed by java.util.zip, whose window and memory can't be chosen: {}",
          why);
    }
    return new DeflateStreams(Zlib.compression(), options, new ZlibMemory(memory));
  }

  /// What zlib allocates is the budget's too.
  private record ZlibMemory(MemoryBudget budget) implements MemoryAccount {
    @Override
    public boolean charge(long bytes) {
      return budget.tryCharge(bytes);
    }

    @Override
    public void release(long bytes) {
      budget.release(bytes);
    }
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
    List<WebSocketSession> open = new ArrayList<>();
    for (GroupSlot slot : all.occupied()) {
      slot.members.copyTo(open);
    }
    return open;
  }

  /// The group of all that are open. Nobody can join or leave it otherwise.
  public Group everyone() {
    return everyone;
  }

  /// A new group without members.
  public Group newGroup() {
    return new SessionGroup(this);
  }

  /// Sends one message to those that are chosen: the frame is written once, and each of them sends
  /// the same memory. A session above its limit of pending output is dealt with by its
  /// [OutputPolicy]. The order is that of [#everyone].
  ///
  /// @param to which of the open sessions; asked on the calling thread
  /// @return how many accepted it
  public int broadcast(
      boolean text, MemorySegment payload, Predicate<? super WebSocketSession> to) {
    int opcode = text ? Opcode.TEXT : Opcode.BINARY;
    SharedMessage message =
        SharedMessage.of(opcode, payload, (int) payload.byteSize(), compression);
    try {
      return ChosenReceivers.of(all, to).publish(all, message);
    } finally {
      message.release();
    }
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

  /// The session is open. As its owner.
  void add(WebSocketSession session) {
    counters.opened.increment();
    GroupSlot slot = session.connection.owner().local(slots);
    all.opened(slot, session);
    session.amongAll = slot;
  }

  /// It has ended. As its owner.
  void remove(WebSocketSession session) {
    GroupSlot slot = session.amongAll;
    if (slot != null) {
      session.amongAll = null;
      all.ended(slot, session);
      counters.closed.increment();
    }
  }

  MemoryBudget memory() {
    return memory;
  }

  /// How much output may be pending for one of them now.
  int mostPending() {
    return memory.mostPending(options.output().maxPendingBytes());
  }

  /// Whether nothing more is accepted for a session: for its policy, or for want of memory.
  ///
  /// @param pendingBytes what is pending for it
  boolean refuses(long pendingBytes) {
    // Who has nothing pending costs nothing.
    if (pendingBytes == 0 || !OutputRule.refuses(mostPending(), pendingBytes)) {
      return false;
    }
    if (!OutputRule.refuses(options.output().maxPendingBytes(), pendingBytes)) {
      memory.refused(MemoryRefusal.OUTPUT);
    }
    return true;
  }

  /// Messages were lost by the output policy: that is counted, and said now and then.
  void dropped(int messages, Object whose) {
    counters.dropped.add(messages);
    Outgoing.logDrop(whose);
  }

  /// @throws IllegalArgumentException if it is no session of these
  WebSocketSession requireOwn(WebSocket ws) {
    if (ws instanceof WebSocketSession session && session.sessions == this) {
      return session;
    }
    throw new IllegalArgumentException(
        ws + " is not of this server (or client): a group is of WebSockets of one");
  }
}
