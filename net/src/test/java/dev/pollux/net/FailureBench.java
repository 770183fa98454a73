package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.ConnectAndCloseTest.Mode;
import dev.pollux.net.TroubledProtocol.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An engine with some clients that nothing is to happen to, and what has to hold after something
/// has thrown.
final class FailureBench implements AutoCloseable {
  private static final int BYSTANDERS = 4;
  private static final int DEADLINE_MILLIS = 20_000;

  final Engine engine;
  final InetSocketAddress server;

  /// What the next client's protocol comes from, instead of a peaceful one.
  final AtomicReference<@Nullable Supplier<@Nullable Protocol>> next = new AtomicReference<>();

  private final OwnResources before = OwnResources.now();
  private final LinkedBlockingQueue<TroubledProtocol> made = new LinkedBlockingQueue<>();
  private final Map<Socket, TroubledProtocol> bystanders = new HashMap<>();
  private long failuresBefore;

  FailureBench(Mode mode, UnaryOperator<EngineOptions> more) throws Exception {
    this.engine =
        Engine.open(
            more.apply(
                EngineOptions.of(mode.model())
                    .withLoops(2)
                    .withRing(mode.ring())
                    .withLinger(Duration.ofMillis(300))));
    this.server =
        engine.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::protocol);
    for (int i = 0; i < BYSTANDERS; i++) {
      Socket client = client();
      bystanders.put(client, protocol(client));
    }
  }

  /// Every model, and a ring with a file table of its own.
  static Stream<Mode> modes() {
    return Stream.concat(
        ConnectAndCloseTest.modes().filter(mode -> mode.model() != IoModel.IO_URING), ringModes());
  }

  static Stream<Mode> ringModes() {
    return Stream.of(
        new Mode(IoModel.IO_URING, RingOptions.DEFAULT, ""),
        new Mode(IoModel.IO_URING, RingOptions.DEFAULT.withDirect(true), " direct"));
  }

  @SuppressWarnings("NullAway") // Null is what one test supplies on purpose.
  private Protocol protocol() {
    Supplier<@Nullable Protocol> special = next.getAndSet(null);
    return special != null ? special.get() : remember(peaceful());
  }

  TroubledProtocol remember(TroubledProtocol protocol) {
    made.add(protocol);
    return protocol;
  }

  static TroubledProtocol peaceful() {
    return new TroubledProtocol(Place.NOWHERE, Trouble.RUNTIME_EXCEPTION);
  }

  // Clients

  /// A client, not served yet.
  Socket client() throws IOException {
    Socket client = new Socket(server.getAddress(), server.getPort());
    client.setTcpNoDelay(true);
    client.setSoTimeout(DEADLINE_MILLIS);
    return client;
  }

  /// The protocol of the client that was the last to connect.
  TroubledProtocol protocol(Socket client) throws Exception {
    TroubledProtocol protocol = made.poll(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
    assertTrue(protocol != null, "no protocol was made for " + client);
    protocol.connection();
    return protocol;
  }

  static void order(Socket client, int what) throws IOException {
    client.getOutputStream().write(what);
  }

  /// A client that is served, with its protocol.
  record Served(Socket socket, TroubledProtocol protocol) {}

  Served served(Place place, Trouble trouble) throws Exception {
    next.set(() -> remember(new TroubledProtocol(place, trouble)));
    Socket client = client();
    return new Served(client, protocol(client));
  }

  /// Holds the loops while `provoke` prepares what is to come in one batch with bytes of all
  /// bystanders.
  void inOneBatch(ThrowingRunnable provoke) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<Owner> held = new ArrayList<>();
    if (engine.model().usesLoops()) {
      for (TroubledProtocol bystander : bystanders.values()) {
        Owner owner = bystander.connection().owner();
        if (!held.contains(owner)) {
          held.add(owner);
          CompletableFuture<Boolean> holding = new CompletableFuture<>();
          owner.enter(() -> {
            holding.complete(true);
            awaitUninterruptibly(go);
          });
          holding.get(20, TimeUnit.SECONDS);
        }
      }
    }
    try {
      provoke.run();
      for (Socket bystander : bystanders.keySet()) {
        order(bystander, 'b');
      }
    } finally {
      go.countDown();
    }
    for (Socket bystander : bystanders.keySet()) {
      assertEquals('b', bystander.getInputStream().read(), "of one who was there before");
    }
  }

  interface ThrowingRunnable {
    void run() throws Exception;
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // What has to hold

  void noteFailures() {
    failuresBefore = engine.statistics().failures();
  }

  /// Failures since [#noteFailures].
  void assertFailures(long expected) {
    Await.until(
        expected + " failures are counted",
        () -> engine.statistics().failures() >= failuresBefore + expected);
    assertEquals(expected, engine.statistics().failures() - failuresBefore);
  }

  /// The client's end of it: FIN or a reset, after whatever came before.
  static void assertEnds(Socket client) throws IOException {
    try {
      client.getInputStream().readAllBytes();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the peer is not told that it is over", e);
    } catch (IOException reset) {
      // That is an end too.
    }
    client.close();
  }

  static void assertTold(CloseReason reason, TroubledProtocol protocol) throws Exception {
    assertEquals(reason, protocol.closed.get(20, TimeUnit.SECONDS));
    assertEquals(List.of("open", "closed"), protocol.told);
  }

  /// Those who were there before are served, and so is who comes now; nobody else is there.
  void assertOthersAreServed() throws Exception {
    next.set(null);
    for (Socket bystander : bystanders.keySet()) {
      order(bystander, 'c');
      assertEquals('c', bystander.getInputStream().read(), "of one who was there before");
    }
    made.clear();
    try (Socket later = client()) {
      order(later, 'd');
      assertEquals('d', later.getInputStream().read(), "of one who came after");
    }
    assertNobodyElse();
  }

  void assertNobodyElse() {
    Await.until(
        "only the bystanders are left",
        () -> engine.statistics().connections() == bystanders.size());
    made.clear();
  }

  void assertNothingIsLent() throws Exception {
    for (TroubledProtocol bystander : bystanders.values()) {
      Connection connection = bystander.connection();
      Await.until("no buffer is lent", () -> lent(connection) == 0);
    }
  }

  private static long lent(Connection connection) {
    CompletableFuture<Long> lent = new CompletableFuture<>();
    connection.enter(() -> lent.complete(connection.buffers().lentBytes()));
    return lent.orTimeout(20, TimeUnit.SECONDS).join();
  }

  /// Ends the engine: everybody is told, and nothing is left.
  void assertEndsWell() throws Exception {
    assertNothingIsLent();
    long begun = System.nanoTime();
    engine.close();
    long millis = (System.nanoTime() - begun) / 1_000_000;
    assertTrue(millis < DEADLINE_MILLIS, "closing took " + millis + " ms");
    assertEquals(0, engine.statistics().connections());
    for (TroubledProtocol bystander : bystanders.values()) {
      assertTold(CloseReason.ENGINE_CLOSED, bystander);
    }
    for (Socket bystander : bystanders.keySet()) {
      assertEnds(bystander);
    }
    before.assertNothingMoreThanThis();
  }

  @Override
  public void close() throws IOException {
    for (Socket bystander : bystanders.keySet()) {
      bystander.close();
    }
    engine.close();
  }
}
