package dev.pollux.lab.load;

import dev.pollux.websocket.WebSocketLimits;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What the connections of one load share: the plan, whether they send, and what they have counted.
///
/// Messages are sent in stretches. At the beginning of one nothing is under way, and at its end all
/// that was sent has come back:
///
/// ```
///   quiet --beginStretch--> sending --stopSending--> draining --the last message is back--> quiet
/// ```
final class LoadRun implements AutoCloseable {

  private final LoadPlan plan;
  private final WebSocketLimits limits;
  private final Payloads payloads;
  private final @Nullable Meter shared;
  private final List<Meter> meters = new CopyOnWriteArrayList<>();
  private final ThreadLocal<Meter> ofThread = ThreadLocal.withInitial(() -> newMeter(false));
  private final ScheduledThreadPoolExecutor alarm =
      new ScheduledThreadPoolExecutor(
          1, task -> Thread.ofPlatform().daemon().name("pollux-load-alarm").unstarted(task));

  final AtomicInteger open = new AtomicInteger();
  final AtomicInteger activeLost = new AtomicInteger();
  final LongAdder lost = new LongAdder();
  final LongAdder different = new LongAdder();
  final LongAdder missed = new LongAdder();
  private final AtomicReference<@Nullable String> problem = new AtomicReference<>();

  // The number of a stretch is written before it begins.
  private int stretch;
  private volatile boolean sending;
  private volatile boolean measured;
  private double nanosPerMessage;
  private int places = 1;
  // Written before the pacers of a stretch begin.
  private volatile long startNanos;

  /// @param loops whether the load's model has loops
  LoadRun(LoadPlan plan, boolean loops) {
    this.plan = plan;
    this.limits = plan.limits();
    this.payloads = Payloads.of(plan);
    this.shared = loops ? null : newMeter(true);
  }

  private Meter newMeter(boolean forSeveralThreads) {
    Meter meter = new Meter(forSeveralThreads);
    meters.add(meter);
    return meter;
  }

  LoadPlan plan() {
    return plan;
  }

  WebSocketLimits limits() {
    return limits;
  }

  Payloads payloads() {
    return payloads;
  }

  boolean isPaced() {
    return plan.ratePerSecond() > 0;
  }

  boolean isSending() {
    return sending;
  }

  /// Whether messages are sent, in the stretch with this number: what is late from an earlier one
  /// must not send in a later one.
  boolean isSending(int number) {
    return sending && stretch == number;
  }

  /// Whether the latencies of what comes back count.
  boolean isMeasured() {
    return measured;
  }

  /// From now on messages are sent. While the load is quiet.
  ///
  /// @param counts whether latencies are recorded, from none
  /// @return its number
  int beginStretch(boolean counts) {
    if (counts) {
      meters.forEach(Meter::reset);
    }
    measured = counts;
    int number = ++stretch;
    sending = true;
    return number;
  }

  void stopSending() {
    sending = false;
  }

  /// The meter for a connection that opens on this thread: of its loop, or the one for all.
  Meter meterOfThisThread() {
    return shared == null ? ofThread.get() : shared;
  }

  long messages() {
    long sum = 0;
    for (Meter meter : meters) {
      sum += meter.messages.sum();
    }
    return sum;
  }

  /// Those of the last stretch that counts. While the load is quiet.
  Histogram latencies() {
    Histogram sum = Meter.newHistogram();
    meters.forEach(meter -> meter.addTo(sum));
    return sum;
  }

  // Pacing

  /// Sets the time from which messages are due.
  ///
  /// @param senders how many connections send, in turn
  void startPacing(int senders) {
    places = senders;
    nanosPerMessage = TimeUnit.SECONDS.toNanos(1) / plan.ratePerSecond();
    startNanos = System.nanoTime();
  }

  /// When message `round` of the stretch, from 0, is due at the sender at `place`.
  long intendedNanos(int place, long round) {
    return startNanos + (long) ((round * places + place) * nanosPerMessage);
  }

  void later(long nanos, Runnable task) {
    try {
      var _ = alarm.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The load is over.
    }
  }

  // What the connections tell

  void opened(LoadConnection connection) {
    open.incrementAndGet();
  }

  void closed() {
    open.decrementAndGet();
  }

  void different(LoadConnection connection, String how) {
    different.increment();
    gone(connection, how);
  }

  void lost(LoadConnection connection, String how) {
    lost.increment();
    gone(connection, how);
  }

  private void gone(LoadConnection connection, String how) {
    if (connection.isActive()) {
      activeLost.incrementAndGet();
    }
    problem.compareAndSet(null, "connection " + connection.index + ": " + how);
  }

  @Nullable String problem() {
    return problem.get();
  }

  /// When the engine has ended.
  @Override
  public void close() {
    alarm.shutdownNow();
    payloads.close();
  }
}
