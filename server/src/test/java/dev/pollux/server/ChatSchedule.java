package dev.pollux.server;

import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.internal.Mutation;
import dev.pollux.net.simulation.Chance;
import dev.pollux.net.simulation.Faults;
import dev.pollux.net.simulation.SimulatedHost;
import dev.pollux.net.simulation.SimulationFailure;
import dev.pollux.session.KeepAlive;
import dev.pollux.session.OutputPolicy;
import dev.pollux.session.SessionOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

/// One life of a chat on a simulated kernel: clients that come and go and stall, handlers and
/// threads of the application that send to WebSockets and to groups of them, on two loops, all from
/// one seed. What arrives at the far ends is checked against what was sent ([ChatRecord]).
final class ChatSchedule {
  private static final int FIRST_PORT = 20_000;
  private static final int SERVER_PORT = 9_000;

  /// Longer than a client stalls, and than anything is under way.
  private static final long LOOK_NANOS = 2_000_000_000L;

  private static final int MOST_LOOKS = 200;

  /// Thrown by nobody.
  private static final class Never extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final Chance chance;
  private final SimulatedHost host;
  private final HttpService service;
  private final ChatRecord record;
  private final ChatRooms rooms;
  private final List<ChatClient> clients = new ArrayList<>();
  private final boolean harmless;
  private boolean endNow;
  private int receivedBefore = -1;
  private int looks;

  /// What a schedule came to.
  record Outcome(int turns, int messages) {}

  /// Runs the schedule of a seed on a model.
  ///
  /// @throws SimulationFailure with what happened before
  static Outcome run(IoModel model, long seed, Mutation mutation) {
    try {
      return new ChatSchedule(model, seed, mutation, false).run();
    } catch (IOException | RuntimeException | AssertionError e) {
      throw explained(model, seed, mutation, e);
    }
  }

  private static SimulationFailure explained(
      IoModel model, long seed, Mutation mutation, Throwable first) {
    String where = "chat, model " + model + ", seed " + seed + ", " + mutation + ": ";
    String replay = "\nreplay: -Dpollux.simulation.seed=" + seed;
    ChatSchedule again = null;
    try {
      // Once more, the same, with a log.
      again = new ChatSchedule(model, seed, mutation, true);
      again.run();
      return new SimulationFailure(where + first + ", but not when run again", first);
    } catch (IOException | RuntimeException | AssertionError e) {
      StringBuilder what = new StringBuilder();
      if (again != null) {
        again.clients.forEach(each -> what.append("\n  ").append(each));
        what.append(again.host.describe());
      }
      return new SimulationFailure(where + e.getMessage() + replay + what, e);
    }
  }

  private ChatSchedule(IoModel model, long seed, Mutation mutation, boolean logged)
      throws IOException {
    this.chance = new Chance(seed);
    Chance ofNetwork = chance.another();
    Chance ofKernel = chance.another();
    int mood = chance.below(100);
    this.harmless = mood < 80;
    Faults faults =
        mood < 40
            ? Faults.NONE
            : harmless ? Faults.harmless(chance.another()) : Faults.any(chance.another());
    EngineOptions options =
        EngineOptions.of(model)
            .withReceiveBufferBytes(chance.between(512, 4_096))
            .withMailboxCapacity(4_096);
    this.host =
        new SimulatedHost(
            new SimulatedHost.Setting(
                model, ofNetwork, ofKernel, faults, mutation, logged, Never.class),
            options,
            chance.another());
    this.record = new ChatRecord(host::failed);
    Routes.Builder routes = new Routes.Builder();
    routes.webSocket(
        "/chat",
        List.of(),
        request ->
            handlers().handlerFor(Integer.parseInt(Objects.requireNonNull(request.query()))));
    this.service =
        new HttpService(
            routes.build(),
            SessionOptions.defaults()
                .withOutput(policy())
                .withKeepAlive(
                    KeepAlive.DEFAULT.withPing(Duration.ofSeconds(3), Duration.ofSeconds(5))),
            MemoryBudget.ofMachine(),
            work -> {
              throw new RejectedExecutionException();
            },
            new Admission(
                new OriginPolicy(List.of()), Admission.NOBODY_ASKS, Duration.ofSeconds(10)));
    this.rooms = new ChatRooms(host, service.sessions(), chance.another(), record);
  }

  private ChatRooms handlers() {
    return rooms;
  }

  private OutputPolicy policy() {
    if (chance.percent(50)) {
      return OutputPolicy.DEFAULT;
    }
    int high = chance.between(100, 3_000);
    OutputPolicy tight =
        OutputPolicy.DEFAULT
            .withWatermarks(0, 0)
            .withMaxPendingBytes(chance.percent(50) ? 1 << 20 : high + chance.below(3_000))
            .withWatermarks(chance.below(high), high);
    return chance.percent(30) ? tight.withOverflow(OutputPolicy.Overflow.CLOSE) : tight;
  }

  private Outcome run() throws IOException {
    host.listen(SERVER_PORT, service::newConnection);
    int count = chance.between(2, 6);
    for (int i = 0; i < count; i++) {
      int number = i;
      Chance own = chance.another();
      host.agenda()
          .after(chance.micros(chance.percent(70) ? 20_000 : 150_000), () -> begin(number, own));
    }
    int threads = chance.below(3);
    for (int i = 0; i < threads; i++) {
      int thread = i;
      for (int times = chance.between(1, 8); times > 0; times--) {
        host.agenda().after(chance.micros(200_000), () -> rooms.actFromElsewhere(thread));
      }
    }
    if (chance.percent(15)) {
      host.agenda().after(chance.micros(200_000), () -> endNow = true);
    }
    host.agenda().after(LOOK_NANOS, this::look);
    if (host.turnUntilRest(() -> endNow)) {
      checkAllGone();
    }
    host.end();
    rooms.checkAtEnd();
    boolean lossless = isLossless();
    clients.forEach(each -> record.check(each.number, lossless));
    service.sessions().close();
    return new Outcome(host.turnsSoFar(), record.received());
  }

  private boolean isLossless() {
    return service.sessions().statistics().dropped() == 0;
  }

  private void begin(int number, Chance own) {
    clients.add(
        new ChatClient(
            number,
            host.agenda(),
            own,
            record,
            host.connect(FIRST_PORT + number, SERVER_PORT),
            host::failed));
  }

  /// Looks whether anything is still under way; when nothing is, everybody who stays must have got
  /// everything, and then they all go.
  private void look() {
    if (++looks > MOST_LOOKS) {
      throw host.failed("messages arrive for ever");
    }
    boolean rests = record.received() == receivedBefore;
    receivedBefore = record.received();
    if (!rests) {
      host.agenda().after(LOOK_NANOS, this::look);
      return;
    }
    rooms.beQuiet();
    rooms.checkAtRest(
        number -> clients.stream().anyMatch(each -> each.number == number && each.stays()));
    for (ChatClient client : clients) {
      if (harmless && isLossless() && client.stays() && !rooms.wasEnded(client.number)) {
        record.checkComplete(client.number);
      }
    }
    rooms.closeAll();
    clients.forEach(ChatClient::close);
  }

  private void checkAllGone() {
    if (!service.sessions().open().isEmpty()) {
      throw host.failed("the loops sleep and sessions are open: " + service.sessions().open());
    }
    for (ChatClient client : clients) {
      if (!client.isOver()) {
        throw host.failed("the loops sleep and a client waits: " + client);
      }
    }
  }
}
