package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.pollux.net.FaultyKernel;
import dev.pollux.net.FaultyKernel.Fault;
import dev.pollux.net.IoModel;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The same messages, in the same pieces, with the same faults, through every I/O model: the
/// handler must be told the same, the close must be the same, and the same messages must come out,
/// byte for byte. (How many pongs there are depends on how many pings arrive at once, RFC 6455
/// §5.5.3.)
///
/// What it must be is what comes of it on one model without any fault. The seeds of the build are
/// always the same; `-Dpollux.differential.seeds=N` runs N of them, and
/// `-Dpollux.differential.first=N` begins with another one.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DifferentialTest {
  private static final int SEEDS = Integer.getInteger("pollux.differential.seeds", 30);
  private static final int FIRST = Integer.getInteger("pollux.differential.first", 1);
  private static final int CLIENTS = 4;
  private static final IoModel REFERENCE = IoModel.EPOLL;

  private static final Map<Long, List<Account>> EXPECTED = new ConcurrentHashMap<>();

  /// What became of one client.
  ///
  /// @param told what the handler was told: messages and the close
  /// @param out what the client got: frames, and how the connection ended
  record Account(DialogueScript.Ending ending, List<String> told, List<String> out) {}

  @ParameterizedTest
  @EnumSource
  void theSameGoesInAndTheSameComesOut(IoModel model) throws Exception {
    for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
      List<Account> expected = EXPECTED.get(seed);
      if (expected == null) {
        expected = run(REFERENCE, seed, 0, Set.of());
        EXPECTED.put(seed, expected);
      }
      List<Account> actual = run(model, seed, 10, faults(model));
      for (int i = 0; i < CLIENTS; i++) {
        assertEquals(
            expected.get(i), actual.get(i), "model " + model + ", seed " + seed + ", client " + i);
      }
    }
  }

  @Test
  void otherMessagesMakeAnotherAccount() throws Exception {
    assertNotEquals(run(REFERENCE, 1, 0, Set.of()), run(REFERENCE, 2, 0, Set.of()));
  }

  private static Set<Fault> faults(IoModel model) {
    return switch (model) {
      // Here readiness is told again, so that EAGAIN may come at the wrong moment.
      case NONBLOCKING, SELECT, POLL, EPOLL, NIO -> EnumSet.allOf(Fault.class);
      default -> EnumSet.complementOf(EnumSet.of(Fault.AGAIN_TOO_EARLY));
    };
  }

  private static List<Account> run(IoModel model, long seed, int percent, Set<Fault> faults)
      throws Exception {
    FaultyKernel kernel = new FaultyKernel(seed, percent, faults);
    Telling handler = new Telling();
    OwnResources before = OwnResources.now();
    List<Account> accounts = new ArrayList<>();
    try (PolluxServer server =
        Pollux.server()
            .io(model)
            .loops(1)
            .webSocket("/echo", handler)
            .engine(options ->
                options
                    .withLinger(Duration.ofSeconds(1))
                    .withKernels(kernel::over)
                    .withRing(options.ring().withRings(kernel::over)))
            .start()) {
      List<Thread> clients = new ArrayList<>();
      Map<Integer, List<String>> outs = new ConcurrentHashMap<>();
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      List<DialogueScript> scripts = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        DialogueScript script = new DialogueScript(seed * 1_000 + i);
        scripts.add(script);
        clients.add(
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    outs.put(number, talk(server, script, number, seed));
                  } catch (Exception e) {
                    failures.add(e);
                  }
                }));
      }
      for (Thread client : clients) {
        client.join();
      }
      assertEquals(List.of(), failures, "model " + model + ", seed " + seed);
      for (int i = 0; i < CLIENTS; i++) {
        List<String> told = handler.of(i);
        Await.until("onClose of client " + i, () -> handler.hasClosed(told));
        accounts.add(
            new Account(
                scripts.get(i).ending(), List.copyOf(told), Objects.requireNonNull(outs.get(i))));
      }
    }
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
    return accounts;
  }

  private static List<String> talk(
      PolluxServer server, DialogueScript script, int number, long seed) throws Exception {
    List<String> out = new ArrayList<>();
    try (RawClient client = new RawClient(server.address(), "/echo?" + number)) {
      FutureTask<@Nullable Void> writer =
          new FutureTask<>(() -> writeInPieces(client, script, new Random(seed + number)), null);
      Thread.ofPlatform().start(writer);
      for (int i = 0; i < script.replies(); i++) {
        out.add(read(client));
      }
      writer.get();
      switch (script.ending()) {
        case RESET -> client.reset();
        case FIN -> client.halfClose();
        default -> client.write(script.afterReplies());
      }
      String frame = "";
      while (script.ending() != DialogueScript.Ending.RESET && !frame.equals("end")) {
        frame = read(client);
        out.add(frame);
        if (frame.startsWith("close") && script.ending() != DialogueScript.Ending.CLIENT_CLOSES) {
          answerClose(client);
        }
      }
    }
    return out;
  }

  private static void writeInPieces(RawClient client, DialogueScript script, Random random) {
    byte[] bytes = script.bytes();
    int from = 0;
    try {
      while (from < bytes.length) {
        int most = Math.min(bytes.length - from, 1 << random.nextInt(15));
        int length = 1 + random.nextInt(most);
        byte[] piece = new byte[length];
        System.arraycopy(bytes, from, piece, 0, length);
        client.write(piece);
        from += length;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answerClose(RawClient client) {
    try {
      client.sendClose(1000);
    } catch (IOException e) {
      // The server did not wait for it.
    }
  }

  /// The next frame that is no pong, as text: what it is, and the sum of its payload.
  ///
  /// @throws SocketTimeoutException if nothing comes: that is no end
  private static String read(RawClient client) throws SocketTimeoutException {
    try {
      String frame = client.read();
      while (frame.startsWith("pong ")) {
        frame = client.read();
      }
      boolean hasPayload = frame.startsWith("text ") || frame.startsWith("binary ");
      return hasPayload ? frame.split(" ", 2)[0] + " " + sum(client.lastPayload()) : frame;
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException reset) {
      return "end";
    }
  }

  private static String sum(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return bytes.length + " " + HexFormat.of().toHexDigits((int) sum.getValue());
  }

  /// The handler of the contract, which also remembers what each client's WebSocket told it.
  private static final class Telling extends Contract {
    private final Map<Integer, List<String>> told = new ConcurrentHashMap<>();

    List<String> of(int number) {
      return told.computeIfAbsent(number, key -> Collections.synchronizedList(new ArrayList<>()));
    }

    boolean hasClosed(List<String> of) {
      return !of.isEmpty() && of.getLast().startsWith("closed");
    }

    private List<String> of(WebSocket ws) {
      return of(Integer.parseInt(Objects.requireNonNull(ws.query())));
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      byte[] bytes = new byte[message.length()];
      message.bytes().duplicate().get(bytes);
      of(ws).add((message.isText() ? "text " : "binary ") + sum(bytes));
      super.onMessage(ws, message);
    }

    @Override
    public void onClose(WebSocket ws, int code, String reason) {
      of(ws).add("closed " + code + " " + reason);
      super.onClose(ws, code, reason);
    }
  }
}
