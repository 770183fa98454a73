package dev.pollux.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What every I/O model does for bytes. The far ends are plain sockets of the JDK.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EngineContractTest {
  static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final ConcurrentLinkedQueue<EchoProtocol> protocols = new ConcurrentLinkedQueue<>();
  private OwnResources before = OwnResources.now();

  @BeforeEach
  void count() {
    before = OwnResources.now();
  }

  @AfterEach
  void leavesNothingBehind() throws Exception {
    Collections.reverse(opened);
    for (AutoCloseable resource : opened) {
      resource.close();
    }
    before.assertNothingMoreThanThis();
  }

  final Engine open(EngineOptions options) throws IOException {
    Engine engine = secured(Engine.open(options.withLinger(Duration.ofMillis(500))), opened);
    opened.add(engine);
    return engine;
  }

  /// What the contract is about, seen through another protocol or as it is. What is opened for that
  /// is added to `resources`.
  Engine secured(Engine engine, List<AutoCloseable> resources) throws IOException {
    return engine;
  }

  /// A far end that is connected.
  Socket farEnd(InetSocketAddress server) throws IOException {
    return new Socket(server.getAddress(), server.getPort());
  }

  /// Ends with RST.
  void reset(Socket client) throws IOException {
    client.setSoLinger(true, 0);
    client.close();
  }

  private InetSocketAddress echo(IoModel model) throws IOException {
    return open(EngineOptions.of(model)).listen(ANY_PORT, this::newEcho);
  }

  private EchoProtocol newEcho() {
    EchoProtocol protocol = new EchoProtocol();
    protocols.add(protocol);
    return protocol;
  }

  private EchoProtocol onlyProtocol() throws Exception {
    Await.until("a protocol was made", () -> !protocols.isEmpty());
    EchoProtocol protocol = protocols.element();
    protocol.opened.get(120, TimeUnit.SECONDS);
    return protocol;
  }

  final Socket client(InetSocketAddress server) throws IOException {
    Socket socket = farEnd(server);
    opened.add(socket);
    return socket;
  }

  @ParameterizedTest
  @EnumSource
  void echoesWhatItReceives(IoModel model) throws Exception {
    Socket client = client(echo(model));
    client.getOutputStream().write("hello".getBytes(UTF_8));
    assertEquals("hello", new String(client.getInputStream().readNBytes(5), UTF_8));
  }

  @ParameterizedTest
  @EnumSource
  void closesWhenThePeerHasFinished(IoModel model) throws Exception {
    Socket client = client(echo(model));
    client.getOutputStream().write("last words".getBytes(UTF_8));
    client.shutdownOutput();
    assertEquals("last words", new String(client.getInputStream().readAllBytes(), UTF_8));
    assertEquals(CloseReason.CLOSED, onlyProtocol().closed.get(120, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @EnumSource
  void tellsOfAReset(IoModel model) throws Exception {
    Socket client = client(echo(model));
    client.getOutputStream().write(1);
    assertEquals(1, client.getInputStream().read());
    reset(client);
    assertEquals(CloseReason.RESET, onlyProtocol().closed.get(120, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @EnumSource
  void aSlowReaderIsWaitedForInBoundedMemoryAndLosesNothing(IoModel model) throws Exception {
    Socket client = client(echo(model));
    byte[] sent = new byte[24 * 1024 * 1024];
    long seed = System.nanoTime();
    new Random(seed).nextBytes(sent);
    Thread writer = BackgroundWriter.start(client, sent);
    EchoProtocol server = onlyProtocol();
    Connection connection = server.opened.get();
    CompletableFuture<Long> most = new CompletableFuture<>();
    awaitFull(connection);
    connection.execute(() -> most.complete(connection.buffers().lentBytes()));
    int mostLent = 512 * 1024;
    assertTrue(most.get(120, TimeUnit.SECONDS) < mostLent, "lent: " + most.get());
    byte[] received = client.getInputStream().readNBytes(sent.length);
    assertArrayEquals(sent, received, "seed " + seed);
    writer.join();
  }

  private static void awaitFull(Connection connection) {
    int[] last = new int[1];
    AtomicInteger unchanged = new AtomicInteger();
    Await.until(
        "the server waits for its reader: what is pending does not change any more",
        () -> {
          int pending = pendingOf(connection);
          unchanged.set(pending > 0 && pending == last[0] ? unchanged.get() + 1 : 0);
          last[0] = pending;
          return unchanged.get() >= 50;
        });
  }

  /// Also if the protocol gathers it elsewhere until it is asked for it (TLS).
  @ParameterizedTest
  @EnumSource
  void whatIsWrittenWhileASendWaitsGoesOutBehindIt(IoModel model) throws Exception {
    EchoProtocol protocol = new EchoProtocol();
    InetSocketAddress server = open(EngineOptions.of(model)).listen(ANY_PORT, () -> protocol);
    Socket client = client(server);
    Connection connection = protocol.opened.get(120, TimeUnit.SECONDS);
    byte[] chunk = new byte[64 * 1024];
    int chunks = 0;
    do {
      write(connection, chunk);
      chunks++;
    } while (drains(connection));
    for (int i = 0; i < 3; i++) {
      write(connection, chunk);
      chunks++;
      assertTrue(pendingOf(connection) > 0);
    }
    client.setSoTimeout(120_000);
    int bytes = chunks * chunk.length;
    assertEquals(bytes, client.getInputStream().readNBytes(bytes).length);
  }

  private static void write(Connection connection, byte[] bytes) {
    assertTrue(
        connection.execute(() -> connection.write(MemorySegment.ofArray(bytes), 0, bytes.length)));
  }

  /// Whether the kernel takes all that is pending, or there is no end to its waiting.
  private static boolean drains(Connection connection) {
    int last = -1;
    for (int unchanged = 0; unchanged < 20; ) {
      int pending = pendingOf(connection);
      if (pending == 0) {
        return true;
      }
      unchanged = pending == last ? unchanged + 1 : 0;
      last = pending;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    return false;
  }

  private static int pendingOf(Connection connection) {
    CompletableFuture<Integer> pending = new CompletableFuture<>();
    return connection.execute(() -> pending.complete(connection.pendingOutput()))
        ? pending.orTimeout(120, TimeUnit.SECONDS).join()
        : -1;
  }

  @ParameterizedTest
  @EnumSource
  void servesHundredsOfClientsAtOnce(IoModel model) throws Exception {
    InetSocketAddress server = echo(model);
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      clients.add(client(server));
    }
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < clients.size(); i++) {
        clients.get(i).getOutputStream().write(i);
      }
      for (int i = 0; i < clients.size(); i++) {
        assertEquals(i & 0xff, clients.get(i).getInputStream().read());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void closeSendsWhatIsPendingThenFin(IoModel model) throws Exception {
    byte[] answer = new byte[3_000_000];
    new Random(1).nextBytes(answer);
    InetSocketAddress server =
        open(EngineOptions.of(model))
            .listen(
                ANY_PORT,
                () ->
                    new EchoProtocol() {
                      @Override
                      public void onOpen(Connection connection) {
                        connection.write(MemorySegment.ofArray(answer), 0, answer.length);
                        connection.close();
                      }
                    });
    Socket client = client(server);
    assertArrayEquals(answer, client.getInputStream().readAllBytes());
  }

  @ParameterizedTest
  @EnumSource
  void aCloseDoesNotWaitForEverForAPeerThatStays(IoModel model) throws Exception {
    EchoProtocol protocol = new EchoProtocol();
    InetSocketAddress server = open(EngineOptions.of(model)).listen(ANY_PORT, () -> protocol);
    Socket client = client(server);
    Connection connection = protocol.opened.get(120, TimeUnit.SECONDS);
    assertTrue(connection.execute(connection::close));
    assertEquals(-1, client.getInputStream().read());
    // The peer has not closed: the server ends the connection by its own time limit.
    assertEquals(CloseReason.CLOSED, protocol.closed.get(120, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @EnumSource
  void abortResetsThePeer(IoModel model) throws Exception {
    EchoProtocol protocol = new EchoProtocol();
    InetSocketAddress server = open(EngineOptions.of(model)).listen(ANY_PORT, () -> protocol);
    Socket client = client(server);
    Connection connection = protocol.opened.get(120, TimeUnit.SECONDS);
    assertTrue(connection.execute(connection::abort));
    assertThrows(SocketException.class, () -> readToTheEnd(client.getInputStream()));
    assertEquals(CloseReason.ABORTED, protocol.closed.get(120, TimeUnit.SECONDS));
    assertFalse(connection.isOpen());
  }

  /// A FIN would tell the peer that it has received all there was.
  @ParameterizedTest
  @EnumSource
  void abortResetsThePeerAlsoWhileASendIsUnderWay(IoModel model) throws Exception {
    EchoProtocol protocol = new EchoProtocol();
    InetSocketAddress server = open(EngineOptions.of(model)).listen(ANY_PORT, () -> protocol);
    Socket client = client(server);
    Connection connection = protocol.opened.get(120, TimeUnit.SECONDS);
    byte[] much = new byte[16 * 1024 * 1024];
    assertTrue(
        connection.execute(() -> connection.write(MemorySegment.ofArray(much), 0, much.length)));
    awaitFull(connection);
    assertTrue(connection.execute(connection::abort));
    assertThrows(SocketException.class, () -> client.getInputStream().readAllBytes());
    assertEquals(CloseReason.ABORTED, protocol.closed.get(120, TimeUnit.SECONDS));
  }

  private static void readToTheEnd(InputStream in) throws IOException {
    assertEquals(0, in.readAllBytes().length);
  }

  @ParameterizedTest
  @EnumSource
  void aCallbackThatThrowsLosesItsConnectionOnly(IoModel model) throws Exception {
    Engine engine = open(EngineOptions.of(model).withLoops(1));
    InetSocketAddress server =
        engine.listen(
            ANY_PORT,
            () ->
                new EchoProtocol() {
                  @Override
                  public void onBytes(
                      Connection connection, MemorySegment buffer, int offset, int length) {
                    if (buffer.get(ValueLayout.JAVA_BYTE, offset) == 'x') {
                      throw new IllegalStateException("thrown on purpose by a test");
                    }
                    super.onBytes(connection, buffer, offset, length);
                  }
                });
    Socket good = client(server);
    Socket bad = client(server);
    bad.getOutputStream().write('x');
    assertThrows(SocketException.class, () -> readToTheEnd(bad.getInputStream()));
    good.getOutputStream().write('y');
    assertEquals('y', good.getInputStream().read());
    assertEquals(1, engine.statistics().failures());
  }

  @ParameterizedTest
  @EnumSource
  void tasksFromOtherThreadsRunInOrderAndNeverAtOnce(IoModel model) throws Exception {
    EchoProtocol protocol = new EchoProtocol();
    InetSocketAddress server = open(EngineOptions.of(model)).listen(ANY_PORT, () -> protocol);
    Socket client = client(server);
    Connection connection = protocol.opened.get(120, TimeUnit.SECONDS);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    int threads = 4;
    int each = 2_000;
    int[] last = new int[threads];
    List<Thread> senders = new ArrayList<>();
    CountDownLatch disorder = new CountDownLatch(1);
    for (int t = 0; t < threads; t++) {
      int sender = t;
      senders.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 1; i <= each; i++) {
                  int number = i;
                  Runnable task =
                      () -> {
                        overlaps.addAndGet(inside.getAndIncrement());
                        if (last[sender] != number - 1) {
                          disorder.countDown();
                        }
                        last[sender] = number;
                        connection.write(MemorySegment.ofArray(new byte[] {1}), 0, 1);
                        inside.decrementAndGet();
                      };
                  while (!connection.execute(task)) {
                    Thread.onSpinWait();
                  }
                }
              }));
    }
    assertEquals(threads * each, client.getInputStream().readNBytes(threads * each).length);
    for (Thread sender : senders) {
      sender.join();
    }
    assertEquals(0, overlaps.get());
    assertEquals(1, disorder.getCount(), "tasks of one thread ran out of order");
  }

  @ParameterizedTest
  @EnumSource
  void theTimerFiresOnceUnlessItIsTakenBack(IoModel model) throws Exception {
    CompletableFuture<Boolean> second = new CompletableFuture<>();
    AtomicInteger fired = new AtomicInteger();
    EchoProtocol protocol =
        new EchoProtocol() {
          @Override
          public void onTimer(Connection connection) {
            if (fired.incrementAndGet() == 1) {
              connection.setTimer(1);
              connection.cancelTimer();
              connection.setTimer(TimeUnit.MILLISECONDS.toNanos(1));
            } else {
              second.complete(true);
            }
          }
        };
    InetSocketAddress server = open(EngineOptions.of(model)).listen(ANY_PORT, () -> protocol);
    client(server);
    Connection connection = protocol.opened.get(120, TimeUnit.SECONDS);
    connection.execute(() -> connection.setTimer(TimeUnit.MILLISECONDS.toNanos(5)));
    assertTrue(second.get(120, TimeUnit.SECONDS));
    assertEquals(2, fired.get());
  }

  @ParameterizedTest
  @EnumSource
  void connectsToAServerOfTheSameEngine(IoModel model) throws Exception {
    Engine engine = open(EngineOptions.of(model));
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    CompletableFuture<Byte> answer = new CompletableFuture<>();
    engine.connect(
        server,
        new Protocol() {
          @Override
          public void onOpen(Connection connection) {
            assertEquals(server, requireNonNull(connection.remoteAddress()));
            connection.write(MemorySegment.ofArray(new byte[] {42}), 0, 1);
          }

          @Override
          public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
            answer.complete(buffer.get(ValueLayout.JAVA_BYTE, offset));
            connection.close();
          }
        });
    assertEquals((byte) 42, answer.get(120, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedConnectNamesTheAddressAndTheError(IoModel model) throws Exception {
    Engine engine = open(EngineOptions.of(model));
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    engine.stopListening();
    CompletableFuture<IOException> failure = new CompletableFuture<>();
    engine.connect(
        server,
        new EchoProtocol() {
          @Override
          public void onConnectFailed(IOException cause) {
            failure.complete(cause);
          }
        });
    assertEquals(
        "connect 127.0.0.1:" + server.getPort() + ": ECONNREFUSED",
        String.valueOf(failure.get(120, TimeUnit.SECONDS).getMessage()));
  }

  @ParameterizedTest
  @EnumSource
  void aPortInUseIsNamed(IoModel model) throws Exception {
    InetSocketAddress first = echo(model);
    Engine second = open(EngineOptions.of(model));
    IOException e = assertThrows(IOException.class, () -> second.listen(first, EchoProtocol::new));
    assertEquals(
        "bind 127.0.0.1:" + first.getPort() + ": EADDRINUSE", String.valueOf(e.getMessage()));
  }

  @ParameterizedTest
  @EnumSource
  void moreThanMaxConnectionsAreRefusedInTheProtocolsWords(IoModel model) throws Exception {
    Engine engine = open(EngineOptions.of(model).withMaxConnections(2));
    InetSocketAddress server =
        engine.listen(
            ANY_PORT,
            () ->
                new EchoProtocol() {
                  @Override
                  public void onRefused(Connection connection, Refusal refusal) {
                    byte[] words = refusal.name().getBytes(UTF_8);
                    connection.write(MemorySegment.ofArray(words), 0, words.length);
                  }
                });
    Socket first = client(server);
    first.getOutputStream().write(1);
    assertEquals(1, first.getInputStream().read());
    Socket second = client(server);
    second.getOutputStream().write(2);
    assertEquals(2, second.getInputStream().read());
    Socket third = client(server);
    third.getOutputStream().write("unheard".getBytes(UTF_8));
    assertEquals("TOO_MANY_CONNECTIONS", new String(third.getInputStream().readAllBytes(), UTF_8));
    first.getOutputStream().write(3);
    assertEquals(3, first.getInputStream().read());
    assertEquals(1, engine.statistics().refused());
  }

  @ParameterizedTest
  @EnumSource
  void closingTheEngineEndsEveryConnection(IoModel model) throws Exception {
    Engine engine = open(EngineOptions.of(model));
    InetSocketAddress server = engine.listen(ANY_PORT, this::newEcho);
    for (int i = 0; i < 20; i++) {
      Socket client = client(server);
      client.getOutputStream().write(i);
      assertEquals(i, client.getInputStream().read());
    }
    assertEquals(20, engine.statistics().connections());
    engine.close();
    for (EchoProtocol protocol : protocols) {
      assertEquals(CloseReason.ENGINE_CLOSED, protocol.closed.get(0, TimeUnit.SECONDS));
      assertFalse(protocol.opened.get().execute(() -> {}));
    }
    assertEquals(0, engine.statistics().connections());
  }

  /// Where one of the connection's threads may be that closes the engine.
  private enum Closer {
    ON_BYTES,
    ON_TIMER,
    /// From another thread, which finds nobody there: the worker, where there is one, waits.
    TASK,
    OWNERS_TIMER,
    ON_CLOSED
  }

  @ParameterizedTest
  @EnumSource
  void theEngineCanBeClosedByWhoeverIsInACallback(IoModel model) throws Exception {
    for (Closer closer : Closer.values()) {
      Engine engine = open(EngineOptions.of(model));
      CompletableFuture<Void> begun = new CompletableFuture<>();
      Runnable close =
          () -> {
            engine.close();
            begun.complete(null);
          };
      CompletableFuture<CloseReason> ended = new CompletableFuture<>();
      CompletableFuture<Connection> there = new CompletableFuture<>();
      InetSocketAddress server =
          engine.listen(
              ANY_PORT,
              () ->
                  new Protocol() {
                    @Override
                    public void onBytes(
                        Connection c, MemorySegment buffer, int offset, int length) {
                      switch (closer) {
                        case ON_BYTES -> close.run();
                        case ON_TIMER -> c.setTimer(1);
                        case OWNERS_TIMER -> c.owner().schedule(1, close);
                        case ON_CLOSED -> c.abort();
                        case TASK -> {}
                      }
                      there.complete(c);
                    }

                    @Override
                    public void onTimer(Connection c) {
                      close.run();
                    }

                    @Override
                    public void onClosed(Connection c, CloseReason reason) {
                      if (closer == Closer.ON_CLOSED) {
                        close.run();
                      }
                      ended.complete(reason);
                    }
                  });
      client(server).getOutputStream().write(1);
      Connection connection = there.get(120, TimeUnit.SECONDS);
      if (closer == Closer.TASK) {
        assertTrue(connection.execute(close));
      }
      begun.get(120, TimeUnit.SECONDS);
      CloseReason reason = ended.get(120, TimeUnit.SECONDS);
      assertEquals(
          closer == Closer.ON_CLOSED ? CloseReason.ABORTED : CloseReason.ENGINE_CLOSED,
          reason,
          closer::toString);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionKnowsItsPeerAndItsOwner(IoModel model) throws Exception {
    EchoProtocol protocol = new EchoProtocol();
    InetSocketAddress server = open(EngineOptions.of(model)).listen(ANY_PORT, () -> protocol);
    Socket client = client(server);
    Connection connection = protocol.opened.get(120, TimeUnit.SECONDS);
    assertEquals(client.getLocalSocketAddress(), requireNonNull(connection.remoteAddress()));
    assertFalse(connection.isOwner());
    CompletableFuture<Boolean> owner = new CompletableFuture<>();
    assertTrue(connection.execute(() -> owner.complete(connection.isOwner())));
    assertTrue(owner.get(120, TimeUnit.SECONDS));
    assertNotNull(connection.buffers());
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsDeliveredWhileReadingIsSuspended(IoModel model) throws Exception {
    EchoProtocol protocol = new EchoProtocol();
    InetSocketAddress server = open(EngineOptions.of(model)).listen(ANY_PORT, () -> protocol);
    Socket client = client(server);
    Connection connection = protocol.opened.get(120, TimeUnit.SECONDS);
    CompletableFuture<Boolean> suspended = new CompletableFuture<>();
    connection.execute(() -> {
      connection.suspendReading();
      suspended.complete(true);
    });
    assertTrue(suspended.get(120, TimeUnit.SECONDS));
    client.getOutputStream().write(7);
    // A second connection to the same engine has its echo meanwhile: time enough for the first
    // one's byte.
    assertEquals(0, client.getInputStream().available());
    connection.execute(connection::resumeReading);
    assertEquals(7, client.getInputStream().read());
  }

  /// A protocol that gathers its output elsewhere (TLS) is asked for it.
  @ParameterizedTest
  @EnumSource
  void aReservationAloneBringsOnFlush(IoModel model) throws Exception {
    InetSocketAddress server =
        open(EngineOptions.of(model))
            .listen(
                ANY_PORT,
                () ->
                    new EchoProtocol() {
                      private byte last;

                      @Override
                      public void onBytes(
                          Connection connection, MemorySegment buffer, int offset, int length) {
                        last = buffer.get(ValueLayout.JAVA_BYTE, offset);
                        connection.reserve(0);
                      }

                      @Override
                      public void onFlush(Connection connection) {
                        if (last != 0) {
                          connection.write(MemorySegment.ofArray(new byte[] {last}), 0, 1);
                          last = 0;
                        }
                      }
                    });
    Socket client = client(server);
    for (int i = 1; i <= 3; i++) {
      client.getOutputStream().write(i);
      assertEquals(i, client.getInputStream().read());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCameWhileReadingWasSuspendedIsAnsweredWhenItGoesOn(IoModel model) throws Exception {
    InetSocketAddress server =
        open(EngineOptions.of(model).withLoops(1)).listen(ANY_PORT, this::newEcho);
    Socket client = client(server);
    Connection connection = onlyProtocol().opened.get();
    Socket other = client(server);
    for (int round = 0; round < 5; round++) {
      CompletableFuture<Boolean> suspended = new CompletableFuture<>();
      connection.execute(() -> {
        connection.suspendReading();
        suspended.complete(true);
      });
      assertTrue(suspended.get(120, TimeUnit.SECONDS));
      client.getOutputStream().write(round);
      // The loop has seen whatever it sees of that byte when it has answered others.
      for (int i = 0; i < 5; i++) {
        other.getOutputStream().write(i);
        assertEquals(i, other.getInputStream().read());
      }
      connection.execute(connection::resumeReading);
      assertEquals(round, client.getInputStream().read());
    }
  }
}
