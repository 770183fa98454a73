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
import dev.pollux.session.Message;
import dev.pollux.session.SessionOptions;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// One life of the WebSocket server on a simulated kernel: a few clients with their scripts,
/// faults, keep-alive and timeouts in virtual time, all from one seed. What must hold is checked on
/// the way and at the end.
final class WebSocketSchedule {
  private static final int FIRST_PORT = 20_000;
  private static final int SERVER_PORT = 9_000;
  private static final int MOST_BYTES = 3_000;

  /// Thrown by the handler because a script says so.
  static final class AsTold extends RuntimeException {
    private static final long serialVersionUID = 1;

    AsTold() {
      super("as told", null, false, false);
    }
  }

  private final Chance chance;
  private final SimulatedHost host;
  private final HttpService service;
  private final List<SimulatedClient> clients = new ArrayList<>();
  private final List<Told> told = new ArrayList<>();
  private final boolean harmless;

  /// What the handler was told of one client.
  private static final class Told {
    int opened;
    int messages;
    int closeCode = -1;
  }

  /// Runs the schedule of a seed on a model, of an engine with a bug if one is named; returns the
  /// turns that it took.
  ///
  /// @throws SimulationFailure with what happened before
  static int run(IoModel model, long seed, Mutation mutation) {
    try {
      return new WebSocketSchedule(model, seed, mutation, false).run();
    } catch (IOException | RuntimeException | AssertionError e) {
      throw explained(model, seed, mutation, e);
    }
  }

  private static SimulationFailure explained(
      IoModel model, long seed, Mutation mutation, Throwable first) {
    String where = "WebSocket server, model " + model + ", seed " + seed + ": ";
    String replay = "\nreplay: -Dpollux.simulation.seed=" + seed;
    WebSocketSchedule again = null;
    try {
      // Once more, the same, with a log.
      again = new WebSocketSchedule(model, seed, mutation, true);
      again.run();
      return new SimulationFailure(where + first + ", but not when run again", first);
    } catch (IOException | RuntimeException | AssertionError e) {
      String what = again == null ? "" : again.describe();
      return new SimulationFailure(where + e.getMessage() + replay + what, e);
    }
  }

  private String describe() {
    StringBuilder text = new StringBuilder();
    clients.forEach(each -> text.append("\n  ").append(each));
    return text.append(host.describe()).toString();
  }

  private WebSocketSchedule(IoModel model, long seed, Mutation mutation, boolean logged)
      throws IOException {
    this.chance = new Chance(seed);
    Chance ofNetwork = chance.another();
    Chance ofKernel = chance.another();
    int mood = chance.below(100);
    this.harmless = mood < 70;
    Faults faults =
        mood < 30
            ? Faults.NONE
            : harmless ? Faults.harmless(chance.another()) : Faults.any(chance.another());
    EngineOptions options =
        EngineOptions.of(model)
            .withReceiveBufferBytes(chance.between(512, 4_096))
            .withMailboxCapacity(4_096);
    this.host =
        new SimulatedHost(
            new SimulatedHost.Setting(
                model, ofNetwork, ofKernel, faults, mutation, logged, AsTold.class),
            options,
            chance.another());
    Routes.Builder routes = new Routes.Builder();
    routes.webSocket("/echo", List.of(), request -> new Handler());
    this.service =
        new HttpService(
            routes.build(),
            SessionOptions.defaults()
                .withKeepAlive(
                    KeepAlive.DEFAULT.withPing(Duration.ofSeconds(3), Duration.ofSeconds(5))),
            MemoryBudget.ofMachine(),
            work -> {
              throw new RejectedExecutionException();
            },
            new Admission(
                new OriginPolicy(List.of()), Admission.NOBODY_ASKS, Duration.ofSeconds(10)));
  }

  private int run() throws IOException {
    host.listen(SERVER_PORT, service::newConnection);
    int count = chance.between(1, 4);
    for (int i = 0; i < count; i++) {
      int number = i;
      told.add(new Told());
      DialogueScript script = new DialogueScript(chance.below(Integer.MAX_VALUE), MOST_BYTES);
      SimulatedClient.Manner manner =
          chance.percent(80)
              ? SimulatedClient.Manner.POLITE
              : chance.percent(50)
                  ? SimulatedClient.Manner.VANISHES
                  : SimulatedClient.Manner.FALLS_SILENT;
      Chance own = chance.another();
      host.agenda().after(chance.micros(20_000), () -> begin(number, script, manner, own));
    }
    host.turnUntilRest(() -> false);
    checkAtRest();
    host.end();
    service.sessions().close();
    return host.turnsSoFar();
  }

  private void begin(int number, DialogueScript script, SimulatedClient.Manner manner, Chance own) {
    clients.add(
        new SimulatedClient(
            number,
            script,
            manner,
            host.agenda(),
            own,
            host.connect(FIRST_PORT + number, SERVER_PORT),
            host::failed));
  }

  /// An echo that is told what to do by texts that begin with a slash.
  private final class Handler implements WebSocketHandler {
    private @Nullable Told mine;
    private int number;

    @Override
    public void onOpen(WebSocket ws) {
      number = Integer.parseInt(Objects.requireNonNull(ws.query()));
      mine = told.get(number);
      if (mine.opened++ > 0) {
        throw host.failed("onOpen comes twice for client " + number);
      }
    }

    private Told live(String what) {
      Told of = mine;
      if (of == null || of.closeCode >= 0) {
        throw host.failed(what + " outside of onOpen and onClose, client " + number);
      }
      return of;
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      Told of = live("onMessage");
      byte[] payload = new byte[message.length()];
      message.bytes().duplicate().get(payload);
      List<byte[]> expected = scriptOf(number).messages();
      if (of.messages < expected.size()) {
        if (!Arrays.equals(payload, expected.get(of.messages))) {
          throw host.failed("message " + of.messages + " of client " + number + " is wrong");
        }
        of.messages++;
        ws.send(message);
        return;
      }
      switch (message.text()) {
        case "/close" -> ws.close(4002, "as told");
        case "/abort" -> ws.abort();
        case "/fail" -> throw new AsTold();
        default -> throw host.failed("a message too many, client " + number);
      }
    }

    @Override
    public void onClose(WebSocket ws, int code, String reason) {
      live("onClose").closeCode = code;
    }
  }

  private DialogueScript scriptOf(int number) {
    for (SimulatedClient client : clients) {
      if (client.number == number) {
        return client.script;
      }
    }
    throw host.failed("a WebSocket of nobody: " + number);
  }

  /// Nothing is under way and the loops sleep: every session is over, every polite client has got
  /// what it should.
  private void checkAtRest() {
    if (!service.sessions().open().isEmpty()) {
      throw host.failed("the loop sleeps and sessions are open: " + service.sessions().open());
    }
    for (SimulatedClient client : clients) {
      Told of = told.get(client.number);
      if (of.opened != (of.closeCode >= 0 ? 1 : 0)) {
        throw host.failed("onClose is missing: " + client);
      }
      if (client.manner != SimulatedClient.Manner.POLITE) {
        continue;
      }
      if (!client.isOver()) {
        throw host.failed("the loop sleeps and a client waits: " + client);
      }
      if (harmless) {
        checkUndisturbed(client, of);
      }
    }
  }

  private void checkUndisturbed(SimulatedClient client, Told of) {
    DialogueScript.Ending ending = client.script.ending();
    if (!client.gotEverything() || of.messages != client.script.replies()) {
      throw host.failed("messages are missing: " + client);
    }
    int toldCode =
        switch (ending) {
          case CLIENT_CLOSES -> client.closeCode;
          case SERVER_CLOSES -> 4002;
          case HANDLER_FAILS -> 1011;
          case BAD_UTF8 -> 1007;
          case FIN, RESET, SERVER_ABORTS -> 1006;
          default -> 1002;
        };
    boolean sendsClose =
        switch (ending) {
          case FIN, RESET, SERVER_ABORTS -> false;
          default -> true;
        };
    if (sendsClose && client.closeCode < 0) {
      throw host.failed("no close frame came: " + client);
    }
    // Told may be the code of the answer, or the one that was sent.
    if (sendsClose ? client.closeCode != toldCode : of.closeCode != toldCode) {
      throw host.failed("closed with another code than " + toldCode + ": " + client);
    }
  }
}
