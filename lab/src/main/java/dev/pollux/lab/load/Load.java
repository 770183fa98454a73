package dev.pollux.lab.load;

import dev.pollux.client.PolluxClient;
import dev.pollux.lab.load.LoadException.Reason;
import dev.pollux.lab.load.LoadPlan.Mode;
import dev.pollux.lab.load.LoadProgress.Stage;
import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsClientOptions;
import dev.pollux.websocket.CompressionOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// A load whose connections are open: it is measured as often as it is told to.
///
/// ```
///   open --> warmUp, measure, measure ... --> leave: close frames --> close
/// ```
///
/// Each warm-up and each measurement begins with no message under way, and ends when every message
/// that was sent has come back; in between nothing is sent. What goes wrong at any time, also in
/// between, is told by every later [LoadResult]. Of one thread, besides those of its own.
public final class Load implements AutoCloseable {
  private static final long LOOK_MILLIS = 200;
  private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
  private static final Duration GOODBYE = Duration.ofSeconds(2);

  private final LoadPlan plan;
  private final LoadProgress progress;
  private final LoadRun run;
  private final PolluxClient client;
  private final List<LoadConnection> connections = new ArrayList<>();
  private final List<SendingConnection> senders = new ArrayList<>();
  // Senders, and those that receive what they have sent.
  private final List<LoadConnection> busy = new ArrayList<>();
  private double openSeconds;
  private int fences;
  private long lastMessages;
  private long lastNanos;
  private long lastProgressNanos;

  private Load(LoadPlan plan, LoadProgress progress, LoadRun run, PolluxClient client) {
    this.plan = plan;
    this.progress = progress;
    this.run = run;
    this.client = client;
  }

  /// Runs a load in this process from its opening to its end, with the times of its plan.
  ///
  /// @throws LoadException if there is no result, with the reason
  /// @throws InterruptedException if the calling thread is interrupted; everything is closed then
  public static LoadResult run(LoadPlan plan, LoadProgress progress)
      throws LoadException, InterruptedException {
    return run(plan, TlsClientOptions.defaults(), progress);
  }

  /// The same against a server of `wss:`, secured as these options say.
  public static LoadResult run(LoadPlan plan, TlsClientOptions tls, LoadProgress progress)
      throws LoadException, InterruptedException {
    try (Load load = open(plan, tls, progress)) {
      load.warmUp(plan.warmUpMillis());
      LoadResult result = load.measure(plan.durationMillis());
      load.leave();
      return result;
    }
  }

  /// Opens the connections of a load, on threads of its own; nothing is sent yet.
  ///
  /// @throws LoadException if one of them can't be opened; all are closed then
  public static Load open(LoadPlan plan, TlsClientOptions tls, LoadProgress progress)
      throws LoadException, InterruptedException {
    Opening.checkDescriptors(plan.openedConnections());
    IoModel model = IoModel.of(plan.model());
    // It has no thread yet, so that nothing is left behind where no client can be started.
    LoadRun run = new LoadRun(plan, model.usesLoops());
    Load load = new Load(plan, progress, run, start(plan, model, tls));
    try {
      load.openAll();
    } catch (LoadException | InterruptedException | RuntimeException e) {
      load.close();
      throw e;
    }
    return load;
  }

  private static PolluxClient start(LoadPlan plan, IoModel model, TlsClientOptions tls)
      throws LoadException {
    try {
      return PolluxClient.builder()
          .io(model)
          .loops(plan.loops())
          .tls(tls.withHandshakeTimeout(Duration.ofSeconds(30)))
          .engine(options -> options.withThreadName("pollux-load"))
          // As browsers offer it: nothing is asked of the server.
          .compression(CompressionOptions.DEFAULT.withContextTakeover(true, true))
          .connectTimeout(Duration.ofSeconds(30))
          .handshakeTimeout(Duration.ofSeconds(30))
          .stopGrace(Duration.ZERO)
          .start();
    } catch (IOException e) {
      throw new LoadException(Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private void openAll() throws LoadException, InterruptedException {
    makeConnections();
    long opening = System.nanoTime();
    lastNanos = opening;
    new Opening(plan, run, client, this::look).openAll(connections);
    openSeconds = (System.nanoTime() - opening) / 1e9;
  }

  private void makeConnections() {
    if (plan.mode() == Mode.FAN_OUT) {
      PublisherConnection publisher = new PublisherConnection(run, plan.connections());
      for (int i = 0; i < plan.connections(); i++) {
        connections.add(new SubscriberConnection(run, i, publisher));
      }
      connections.add(publisher);
      senders.add(publisher);
      busy.addAll(connections);
      return;
    }
    // The active ones are spread over the order of opening, so that the server's are no neighbours.
    int step = plan.connections() / plan.active();
    for (int i = 0; i < plan.connections(); i++) {
      boolean active = plan.mode() == Mode.ECHO && i % step == 0 && senders.size() < plan.active();
      if (active) {
        EchoConnection echo = new EchoConnection(run, i, senders.size());
        senders.add(echo);
        connections.add(echo);
      } else {
        connections.add(new QuietConnection(run, i, plan.mode() == Mode.IDLE));
      }
    }
    busy.addAll(senders);
  }

  /// Sends for a while, and waits for all that comes back.
  ///
  /// @param millis 0 for not at all
  /// @throws LoadException if nothing comes back any more, or no connection that matters is left
  public void warmUp(long millis) throws LoadException, InterruptedException {
    if (millis > 0) {
      sendFor(millis, Stage.WARMING_UP);
    }
  }

  /// The same, measured: from the first message to the last one that comes back.
  ///
  /// @throws LoadException if nothing comes back any more, or no connection that matters is left
  public LoadResult measure(long millis) throws LoadException, InterruptedException {
    Usage before = Usage.now(plan.serverPid(), run.messages());
    sendFor(millis, Stage.MEASURING);
    // The counts first: what comes after the clock was read must not be among them.
    return result(before, Usage.now(plan.serverPid(), run.messages()));
  }

  private void sendFor(long millis, Stage stage) throws LoadException, InterruptedException {
    lastNanos = System.nanoTime();
    lastProgressNanos = lastNanos;
    senders.forEach(SendingConnection::beginStretch);
    try {
      startSending(run.beginStretch(stage == Stage.MEASURING));
      stay(stage, millis);
    } finally {
      run.stopSending();
    }
    drain();
  }

  private void startSending(int stretch) {
    if (plan.ratePerSecond() == 0) {
      senders.forEach(sender -> sender.connection().enter(sender::begin));
    } else if (!senders.isEmpty()) {
      // Connections of one loop share its meter.
      IdentityHashMap<Meter, List<SendingConnection>> ofLoop = new IdentityHashMap<>();
      for (SendingConnection each : senders) {
        ofLoop.computeIfAbsent(each.meter(), meter -> new ArrayList<>()).add(each);
      }
      run.startPacing(senders.size());
      ofLoop.values().forEach(ofOne -> new Pacer(run, stretch, ofOne).submit());
    }
  }

  /// Waits, looks after what happens, and tells the progress.
  private void stay(Stage stage, long millis) throws LoadException, InterruptedException {
    long begin = System.nanoTime();
    long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    for (long past = 0; past < nanos; past = System.nanoTime() - begin) {
      look(stage, (double) past / nanos);
      TimeUnit.NANOSECONDS.sleep(
          Math.min(nanos - past, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)));
    }
  }

  private void look(Stage stage, double done) throws LoadException {
    long now = System.nanoTime();
    long messages = run.messages();
    double seconds = (now - lastNanos) / 1e9;
    progress.at(stage, done, run.open.get(), (messages - lastMessages) / Math.max(seconds, 1e-6));
    if (messages != lastMessages || stage == Stage.OPENING) {
      lastProgressNanos = now;
    }
    lastNanos = now;
    lastMessages = messages;
    if (stage == Stage.OPENING) {
      return;
    }
    int active =
        plan.mode() == Mode.ECHO
            ? plan.active()
            : plan.mode() == Mode.IDLE ? plan.connections() : 1;
    if (run.activeLost.get() >= active) {
      throw new LoadException(
          run.different.sum() > 0 ? Reason.DIFFERENT : Reason.ALL_LOST,
          "no connection that matters is left: " + run.problem());
    }
    if (plan.mode() != Mode.IDLE
        && plan.ratePerSecond() == 0
        && now - lastProgressNanos > STALL_NANOS) {
      throw new LoadException(
          Reason.STALLED,
          "nothing came back for "
              + STALL_NANOS / 1_000_000_000
              + " s with "
              + outstanding()
              + " messages outstanding");
    }
  }

  private long outstanding() {
    return senders.stream().mapToLong(SendingConnection::outstandingNow).sum();
  }

  /// Waits until all is back. Whoever was about to send has done so behind the first fence, and the
  /// last batch is counted behind the second.
  private void drain() throws LoadException, InterruptedException {
    long begin = System.nanoTime();
    awaitFence(begin);
    while (outstanding() > 0) {
      if (System.nanoTime() - begin > STALL_NANOS) {
        throw new LoadException(
            Reason.STALLED, outstanding() + " messages had not come back 10 s after the end");
      }
      pause(begin);
    }
    awaitFence(begin);
  }

  /// Waits until every thread has done what it was at.
  private void awaitFence(long begin) throws LoadException, InterruptedException {
    int number = ++fences;
    for (LoadConnection each : busy) {
      each.connection().enter(() -> each.passFence(number));
    }
    for (LoadConnection each : busy) {
      while (!each.hasPassedFence(number)) {
        if (System.nanoTime() - begin > STALL_NANOS) {
          throw new LoadException(
              Reason.STALLED, "connection " + each.index + " was still busy 10 s after the end");
        }
        pause(begin);
      }
    }
  }

  private void pause(long begin) throws InterruptedException {
    long now = System.nanoTime();
    if (now - lastNanos > TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)) {
      lastNanos = now;
      progress.at(Stage.DRAINING, (double) (now - begin) / STALL_NANOS, run.open.get(), 0);
    }
    TimeUnit.NANOSECONDS.sleep(POLL_NANOS);
  }

  /// Says goodbye on every connection, and waits a little for the server to end them.
  public void leave() throws InterruptedException {
    for (LoadConnection connection : connections) {
      connection.connection().enter(connection::leave);
    }
    long deadline = System.nanoTime() + GOODBYE.toNanos();
    while (run.open.get() > 0 && System.nanoTime() - deadline < 0) {
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  /// Ends all connections that there are still, and its threads.
  @Override
  public void close() {
    client.close();
    run.close();
  }

  private LoadResult result(Usage before, Usage after) {
    long unsent = senders.stream().mapToLong(SendingConnection::owedNow).sum();
    Histogram latencies = run.latencies();
    boolean none = latencies.getTotalCount() == 0;
    double seconds = after.secondsSince(before);
    long messages = after.messages() - before.messages();
    double loadCpu = after.loadCpuMicrosSince(before);
    Double serverCpu = after.serverCpuMicrosSince(before);
    return new LoadResult(
        plan,
        client.loops(),
        openSeconds,
        seconds,
        messages,
        messages / seconds,
        messages / seconds * plan.payloadBytes(),
        none ? 0 : latencies.getMean() / 1000,
        micros(latencies, 50),
        micros(latencies, 90),
        micros(latencies, 99),
        micros(latencies, 99.9),
        none ? 0 : latencies.getMaxValue() / 1000.0,
        messages == 0 ? 0 : loadCpu / messages,
        loadCpu / 1e6 / seconds,
        serverCpu == null || messages == 0 ? null : serverCpu / messages,
        serverCpu == null ? null : serverCpu / 1e6 / seconds,
        run.lost.sum(),
        run.different.sum(),
        run.missed.sum(),
        plan.ratePerSecond() > 0 ? unsent : 0,
        run.problem());
  }

  private static double micros(Histogram latencies, double percentile) {
    return latencies.getTotalCount() == 0 ? 0 : latencies.getValueAtPercentile(percentile) / 1000.0;
  }
}
