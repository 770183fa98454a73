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

/// Carries out one [LoadPlan].
///
/// ```
///   connections open --> warm-up --> measured --> drained: what was sent must have come back --> closed
/// ```
public final class Load {
  private static final long LOOK_MILLIS = 200;
  private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final Duration GOODBYE = Duration.ofSeconds(2);

  private final LoadPlan plan;
  private final LoadProgress progress;
  private final LoadRun run;
  private final PolluxClient client;
  private final List<LoadConnection> connections = new ArrayList<>();
  private final List<EchoConnection> echoes = new ArrayList<>();
  private final List<PublisherConnection> publishers = new ArrayList<>();
  private long lastMessages;
  private long lastNanos = System.nanoTime();
  private long lastProgressNanos = lastNanos;

  private Load(LoadPlan plan, LoadProgress progress, LoadRun run, PolluxClient client) {
    this.plan = plan;
    this.progress = progress;
    this.run = run;
    this.client = client;
  }

  /// Runs a load in this process, on threads of its own, and waits for its end.
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
    Opening.checkDescriptors(plan.openedConnections());
    IoModel model = IoModel.of(plan.model());
    try (LoadRun run = new LoadRun(plan, model.usesLoops());
        PolluxClient client = start(plan, model, tls)) {
      return new Load(plan, progress, run, client).run();
    }
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

  private LoadResult run() throws LoadException, InterruptedException {
    makeConnections();
    long opening = System.nanoTime();
    new Opening(plan, run, client, this::look).openAll(connections);
    double openSeconds = (System.nanoTime() - opening) / 1e9;
    run.enter(LoadRun.Stage.SENDING);
    startSending();
    stay(Stage.WARMING_UP, plan.warmUpMillis());
    Usage before = Usage.now(plan.serverPid(), run.messages());
    run.enter(LoadRun.Stage.MEASURING);
    stay(Stage.MEASURING, plan.durationMillis());
    // The counts first: what comes after the clock was read must not be among them.
    Usage after = Usage.now(plan.serverPid(), run.messages());
    run.enter(LoadRun.Stage.DRAINING);
    long unsent = echoes.stream().mapToLong(EchoConnection::owedNow).sum();
    unsent += publishers.stream().mapToLong(PublisherConnection::owedNow).sum();
    drain();
    sayGoodbye();
    return result(openSeconds, before, after, plan.ratePerSecond() > 0 ? unsent : 0);
  }

  private void makeConnections() {
    if (plan.mode() == Mode.FAN_OUT) {
      PublisherConnection publisher = new PublisherConnection(run, plan.connections());
      publishers.add(publisher);
      for (int i = 0; i < plan.connections(); i++) {
        connections.add(new SubscriberConnection(run, i, publisher));
      }
      connections.add(publisher);
      return;
    }
    // The active ones are spread over the order of opening, so that the server's are no neighbours.
    int step = plan.connections() / plan.active();
    for (int i = 0; i < plan.connections(); i++) {
      boolean active = plan.mode() == Mode.ECHO && i % step == 0 && echoes.size() < plan.active();
      if (active) {
        EchoConnection echo = new EchoConnection(run, i, echoes.size());
        echoes.add(echo);
        connections.add(echo);
      } else {
        connections.add(new QuietConnection(run, i, plan.mode() == Mode.IDLE));
      }
    }
  }

  private void startSending() {
    if (plan.ratePerSecond() > 0) {
      List<Paced> paced = new ArrayList<>();
      paced.addAll(echoes);
      paced.addAll(publishers);
      if (!paced.isEmpty()) {
        startPacing(paced);
      }
      return;
    }
    for (EchoConnection echo : echoes) {
      run.executeSurely(echo.connection(), echo::begin);
    }
    for (PublisherConnection publisher : publishers) {
      run.executeSurely(publisher.connection(), publisher::begin);
    }
  }

  private void startPacing(List<Paced> paced) {
    // Connections of one loop share its meter.
    IdentityHashMap<Meter, List<Paced>> ofLoop = new IdentityHashMap<>();
    for (Paced each : paced) {
      ofLoop.computeIfAbsent(each.meter(), meter -> new ArrayList<>()).add(each);
    }
    run.startPacing(paced.size());
    ofLoop.values().forEach(ofOne -> new Pacer(run, ofOne).submit());
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
    return echoes.stream().mapToLong(EchoConnection::outstandingNow).sum()
        + publishers.stream().mapToLong(PublisherConnection::underWay).sum();
  }

  private void drain() throws LoadException, InterruptedException {
    long begin = System.nanoTime();
    while (outstanding() > 0) {
      long past = System.nanoTime() - begin;
      if (past > STALL_NANOS) {
        throw new LoadException(
            Reason.STALLED, outstanding() + " messages had not come back 10 s after the end");
      }
      progress.at(Stage.DRAINING, (double) past / STALL_NANOS, run.open.get(), 0);
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private void sayGoodbye() throws InterruptedException {
    for (LoadConnection connection : connections) {
      run.executeSurely(connection.connection(), connection::leave);
    }
    long deadline = System.nanoTime() + GOODBYE.toNanos();
    while (run.open.get() > 0 && System.nanoTime() - deadline < 0) {
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  private LoadResult result(double openSeconds, Usage before, Usage after, long unsent) {
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
        unsent,
        run.problem());
  }

  private static double micros(Histogram latencies, double percentile) {
    return latencies.getTotalCount() == 0 ? 0 : latencies.getValueAtPercentile(percentile) / 1000.0;
  }
}
