package dev.pollux.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.session.Message;
import dev.pollux.session.StreamingHandler;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpFields;
import java.io.IOException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What comes back and when, by a clock and a random source that the test brings.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // the method before each test sets the fields
final class ReconnectTest {
  private static final ReconnectPolicy POLICY = ReconnectPolicy.DEFAULT;

  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicLong now = new AtomicLong();
  private final ByHand delays = new ByHand();
  private final Told told = new Told();
  private OwnResources before;
  private PolluxServer server;
  private PolluxClient client;

  /// Delays that are over when the test says so.
  private static final class ByHand implements Delays {
    final BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();

    volatile @Nullable Error refusal;

    @Override
    public void after(long nanos, Runnable task) {
      Error refused = refusal;
      if (refused != null) {
        throw refused;
      }
      waiting.add(task);
    }

    void runNext() throws InterruptedException {
      Objects.requireNonNull(waiting.poll(120, TimeUnit.SECONDS), "a delay").run();
    }

    @Override
    public void close() {}
  }

  private static final class Told implements ReconnectListener {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void onRetry(int tries, Duration delay, String why) {
      events.add("retry " + tries + " in " + delay.toMillis() + " ms: " + why);
    }

    @Override
    public void onGivenUp(String why) {
      events.add("given up: " + why);
    }

    String next() throws InterruptedException {
      String event = events.poll(120, TimeUnit.SECONDS);
      return event == null ? "nothing within 30 s" : event;
    }
  }

  private final class Ending implements WebSocketHandler {
    @Override
    public void onOpen(WebSocket ws) {
      opened.incrementAndGet();
    }

    @Override
    public void onText(WebSocket ws, String text) {
      if (text.equals("abort")) {
        ws.abort();
      } else {
        ws.close(Integer.parseInt(text), "");
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    before = OwnResources.now();
    Ending ending = new Ending();
    server =
        Pollux.server()
            .io(IoModel.EPOLL)
            .loops(1)
            .webSocket("/", ending)
            .webSocket(
                "/busy",
                request -> {
                  throw new HttpException(503, "busy", HttpFields.NONE.with("Retry-After", "7"));
                })
            .start();
    client = PolluxClient.builder().start();
  }

  @AfterEach
  void stopAndLeaveNothingBehind() {
    client.close();
    server.close();
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  /// Half of what could be drawn.
  private static RandomGenerator middle() {
    return () -> 1L << 63;
  }

  private Reconnecting reconnecting(String path, WebSocketHandler handler, ReconnectPolicy policy) {
    return reconnecting(path, handler, policy, told);
  }

  private Reconnecting reconnecting(
      String path, WebSocketHandler handler, ReconnectPolicy policy, ReconnectListener listener) {
    Reconnecting reconnecting =
        new Reconnecting(
            client,
            ClientRequest.to("ws://127.0.0.1:" + server.address().getPort() + path),
            handler,
            listener,
            new Backoff(policy, middle()),
            delays,
            now::get);
    reconnecting.connect();
    return reconnecting;
  }

  private static void say(Reconnecting reconnecting, String text) {
    Await.until("a WebSocket", () -> reconnecting.current() != null);
    WebSocket ws = reconnecting.current();
    assertNotNull(ws);
    ws.sendText(text);
  }

  @Test
  void delaysGrowToTheLongestAndArePartlyRandom() {
    Backoff backoff = new Backoff(POLICY, middle());
    long[] millis = new long[7];
    for (int i = 0; i < millis.length; i++) {
      millis[i] = TimeUnit.NANOSECONDS.toMillis(backoff.nextDelayNanos(0));
    }
    assertEquals("[750, 1500, 3000, 6000, 12000, 22500, 22500]", Arrays.toString(millis));
    long seed = System.nanoTime();
    RandomGenerator random = new SplittableRandom(seed);
    for (int i = 0; i < 1000; i++) {
      long delay = new Backoff(POLICY, random).nextDelayNanos(0);
      assertTrue(delay >= 500_000_000 && delay <= 1_000_000_000, "seed " + seed + ": " + delay);
    }
  }

  @Test
  void aConnectionThatLastedBeginsAnew() {
    Backoff backoff = new Backoff(POLICY.withJitter(0), middle());
    backoff.nextDelayNanos(0);
    backoff.lasted(Duration.ofSeconds(9).toNanos());
    assertEquals(2_000_000_000, backoff.nextDelayNanos(0));
    backoff.lasted(Duration.ofSeconds(10).toNanos());
    assertEquals(1_000_000_000, backoff.nextDelayNanos(0));
  }

  @Test
  void whatTheServerAsksForIsTheLeast() {
    assertEquals(7_750_000_000L, new Backoff(POLICY, middle()).nextDelayNanos(7_000_000_000L));
  }

  @Test
  void anEndIsFollowedByANewConnection() throws Exception {
    Recorder recorder = new Recorder();
    Reconnecting reconnecting = reconnecting("/", recorder, POLICY);
    say(reconnecting, "abort");
    assertEquals("open /?null null", recorder.next());
    assertEquals("close 1006", recorder.next());
    assertEquals("retry 1 in 750 ms: closed with 1006", told.next());
    assertNull(reconnecting.current());
    delays.runNext();
    say(reconnecting, "1012");
    assertEquals("open /?null null", recorder.next());
    assertEquals("close 1012", recorder.next());
    assertEquals("retry 2 in 1500 ms: closed with 1012", told.next());
    delays.runNext();
    Await.until("the third", () -> opened.get() == 3);
    Await.until("a WebSocket", () -> reconnecting.current() != null);
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    say(reconnecting, "1001");
    // It has lasted: the delays begin anew.
    assertEquals("retry 1 in 750 ms: closed with 1001", told.next());
    reconnecting.close();
    delays.runNext();
    assertTrue(reconnecting.hasEnded());
  }

  @Test
  void aCloseWith1000Or1008IsTheEnd() throws Exception {
    Reconnecting done = reconnecting("/", new Recorder(), POLICY);
    say(done, "1000");
    assertEquals("given up: closed with 1000", told.next());
    say(reconnecting("/", new Recorder(), POLICY), "1008");
    assertEquals("given up: closed with 1008", told.next());
    assertTrue(done.hasEnded());
    assertTrue(delays.waiting.isEmpty());
  }

  @Test
  void aRefusalForGoodIsTheEndAndABusyServerIsTriedLater() throws Exception {
    Recorder recorder = new Recorder();
    reconnecting("/none", recorder, POLICY);
    String end = told.next();
    assertTrue(end.startsWith("given up: ws://127.0.0.1:"), end);
    assertTrue(end.contains("404 Not Found"), end);
    Reconnecting busy = reconnecting("/busy", recorder, POLICY);
    String retry = told.next();
    assertTrue(retry.startsWith("retry 1 in 7750 ms: "), retry);
    busy.close();
    assertTrue(recorder.events.isEmpty(), "the handler hears nothing");
  }

  @Test
  void afterTheLastTryItIsGivenUp() throws Exception {
    Reconnecting reconnecting = reconnecting("/busy", new Recorder(), POLICY.withMaxTries(2));
    for (int i = 1; i <= 2; i++) {
      String retry = told.next();
      assertTrue(retry.startsWith("retry " + i), retry);
      delays.runNext();
    }
    String end = told.next();
    assertTrue(end.startsWith("given up: "), end);
    assertTrue(reconnecting.hasEnded());
  }

  @Test
  void closeEndsItAndItsWebSocket() throws Exception {
    Recorder recorder = new Recorder();
    Reconnecting reconnecting =
        client.stayConnected(
            ClientRequest.to("ws://127.0.0.1:" + server.address().getPort()),
            recorder,
            POLICY.withDelays(Duration.ofMillis(1), Duration.ofMillis(5)),
            told);
    say(reconnecting, "abort");
    assertTrue(told.next().startsWith("retry 1"), "it is tried again by the clock");
    Await.until("the second", () -> opened.get() == 2 && reconnecting.current() != null);
    reconnecting.close();
    recorder.next();
    recorder.next();
    recorder.next();
    assertEquals("close 1000", recorder.next());
    Await.until("the end", () -> reconnecting.current() == null);
    assertTrue(told.events.isEmpty());
  }

  @Test
  void whatAListenerThrowsKeepsNobodyFromTheNextTry() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    ReconnectListener failing =
        new ReconnectListener() {
          @Override
          public void onRetry(int tries, Duration delay, String why) {
            calls.incrementAndGet();
            throw new AssertionError("a bug");
          }

          @Override
          public void onGivenUp(String why) {
            calls.incrementAndGet();
            throw new AssertionError("a bug");
          }
        };
    Recorder recorder = new Recorder();
    Reconnecting busy = reconnecting("/busy", recorder, POLICY.withMaxTries(1), failing);
    delays.runNext();
    Await.until("it is given up", () -> calls.get() == 2);
    assertTrue(busy.hasEnded());
    say(reconnecting("/", recorder, POLICY, failing), "abort");
    delays.runNext();
    Await.until("the second", () -> opened.get() == 2);
    assertEquals(3, calls.get());
    assertEquals(0, client.statistics().sessions().handlerFailures());
  }

  @Test
  void whatKeepsAHandlerFromItsSessionIsTriedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    StreamingHandler failingOnce =
        new StreamingHandler() {
          @Override
          public void onPart(WebSocket ws, Message part, boolean last) {}

          @Override
          public int wholeUpToBytes() {
            if (asked.incrementAndGet() == 1) {
              throw new AssertionError("a bug");
            }
            return 0;
          }
        };
    Reconnecting reconnecting = reconnecting("/", failingOnce, POLICY);
    assertEquals("retry 1 in 750 ms: java.lang.AssertionError: a bug", told.next());
    delays.runNext();
    Await.until("a WebSocket", () -> reconnecting.current() != null);
    assertEquals(2, asked.get());
  }

  @Test
  void withoutATimerItIsGivenUpAndSaid() throws Exception {
    delays.refusal = new OutOfMemoryError("no thread");
    Reconnecting reconnecting = reconnecting("/busy", new Recorder(), POLICY);
    assertTrue(told.next().startsWith("retry 1"), "it is tried first");
    String end = told.next();
    assertTrue(end.startsWith("given up: "), end);
    assertTrue(reconnecting.hasEnded());
  }

  @Test
  void everythingIsHandedOnToTheHandler() {
    // A callback that is added later must not get lost here.
    for (Method method : StreamingHandler.class.getMethods()) {
      assertTrue(
          Stream.of(ForwardingHandler.class, ForwardingStreamingHandler.class)
              .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
              .anyMatch(own ->
                  own.getName().equals(method.getName())
                      && Arrays.equals(own.getParameterTypes(), method.getParameterTypes())),
          () -> "ForwardingHandler does not hand on " + method);
    }
  }

  @Test
  void aPolicyOutOfRangeIsNamed() {
    assertThrows(IllegalArgumentException.class, () -> POLICY.withJitter(1.5));
    assertThrows(IllegalArgumentException.class, () -> POLICY.withFactor(0.5));
    assertThrows(
        IllegalArgumentException.class,
        () -> POLICY.withDelays(Duration.ofSeconds(2), Duration.ofSeconds(1)));
  }
}
