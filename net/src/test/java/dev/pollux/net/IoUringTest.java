package dev.pollux.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.LinuxRing;
import dev.pollux.sys.RingFeatures;
import dev.pollux.sys.RingFeatures.Feature;
import dev.pollux.sys.RingSetup;
import dev.pollux.sys.SyscallLedger;
import dev.pollux.sys.SystemCall;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is true of `io_uring` only: what it costs, what it does without, and its own file tables.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IoUringTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final RingOptions DIRECT = RingOptions.DEFAULT.withDirect(true);

  private final List<AutoCloseable> opened = new ArrayList<>();
  private OwnResources before = OwnResources.now();

  @BeforeEach
  void needsRings() {
    String why = LinuxRing.whyUnavailable();
    assumeTrue(why == null, () -> why);
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

  private Engine open(int loops, RingOptions ring) throws IOException {
    Engine engine =
        Engine.open(
            EngineOptions.of(IoModel.IO_URING)
                .withLoops(loops)
                .withRing(ring)
                .withLinger(Duration.ofMillis(500)));
    opened.add(engine);
    return engine;
  }

  private Engine openDirect(int loops, int slots) throws IOException {
    try (Engine engine = Engine.open(EngineOptions.of(IoModel.IO_URING).withLoops(1))) {
      assumeTrue(
          engine.details().contains(Feature.DIRECT_DESCRIPTORS.name()),
          "direct descriptors need Linux 6.8");
    }
    return open(loops, DIRECT.withDirectSlots(slots));
  }

  private Socket client(InetSocketAddress server) throws IOException {
    Socket socket = new Socket(server.getAddress(), server.getPort());
    opened.add(socket);
    return socket;
  }

  private static void assertEchoes(Socket client, int value) throws IOException {
    client.getOutputStream().write(value);
    assertEquals(value, client.getInputStream().read());
  }

  private static void assertEchoesMuch(Socket client) throws Exception {
    byte[] sent = new byte[4 * 1024 * 1024];
    long seed = System.nanoTime();
    new Random(seed).nextBytes(sent);
    Thread writer = BackgroundWriter.start(client, sent);
    assertArrayEquals(sent, client.getInputStream().readNBytes(sent.length), () -> "seed " + seed);
    writer.join();
  }

  @Test
  void oneEchoIsOneCallOneReceiveOneSend() throws Exception {
    Engine engine = open(1, RingOptions.DEFAULT);
    Socket client = client(engine.listen(ANY_PORT, EchoProtocol::new));
    assertEchoes(client, 0);
    SyscallLedger.Snapshot start = settled(engine);
    for (int i = 0; i < 1_000; i++) {
      assertEchoes(client, i & 0x7f);
    }
    SyscallLedger.Snapshot calls = settled(engine).minus(start);
    assertEquals(1_000, calls.calls(SystemCall.IORING_OP_RECV));
    assertEquals(1_000, calls.calls(SystemCall.IORING_OP_SEND));
    assertEquals(1_000, calls.bytes(SystemCall.IORING_OP_SEND));
    // The call that submits a send may end the wait with its completion, before the next receive.
    assertTrue(calls.calls(SystemCall.IO_URING_ENTER) <= 2_000, calls::toString);
    assertEquals(calls.calls(SystemCall.IO_URING_ENTER), calls.totalCalls(), calls::toString);
  }

  @Test
  void muchOutputGoesByACallAndLittleByTheRing() throws Exception {
    SyscallLedger.Snapshot little = answersOf(8 * 1024 - 1, open(1, RingOptions.DEFAULT));
    assertEquals(100, little.calls(SystemCall.IORING_OP_SEND));
    assertEquals(0, little.calls(SystemCall.SEND));
    SyscallLedger.Snapshot much = answersOf(8 * 1024, open(1, RingOptions.DEFAULT));
    assertEquals(0, much.calls(SystemCall.IORING_OP_SEND));
    assertEquals(100, much.calls(SystemCall.SEND));
  }

  @Test
  void withoutADescriptorMuchOutputGoesByTheRingToo() throws Exception {
    SyscallLedger.Snapshot much = answersOf(8 * 1024, openDirect(1, 100));
    assertEquals(100, much.calls(SystemCall.IORING_OP_SEND));
    assertEquals(0, much.calls(SystemCall.SEND));
  }

  /// What 100 answers of so many bytes take.
  private SyscallLedger.Snapshot answersOf(int bytes, Engine engine) throws Exception {
    Protocol answering =
        new EchoProtocol() {
          @Override
          public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
            connection.reserve(bytes).asSlice(connection.reservedOffset(), bytes).fill((byte) 'a');
            connection.commit(bytes);
          }
        };
    Socket client = client(engine.listen(ANY_PORT, () -> answering));
    SyscallLedger.Snapshot start = settled(engine);
    for (int i = 0; i < 100; i++) {
      client.getOutputStream().write(i);
      assertEquals(bytes, client.getInputStream().readNBytes(bytes).length);
    }
    return settled(engine).minus(start);
  }

  private static SyscallLedger.Snapshot settled(Engine engine) {
    long[] last = {-1};
    int[] same = {0};
    Await.until(
        "the loop has come to rest",
        () -> {
          long now = engine.statistics().systemCalls().totalCalls();
          same[0] = now == last[0] ? same[0] + 1 : 0;
          last[0] = now;
          return same[0] >= 20;
        });
    return engine.statistics().systemCalls();
  }

  @ParameterizedTest
  @EnumSource
  void everyFeatureCanBeDoneWithout(Feature feature) throws Exception {
    Set<Feature> others = EnumSet.complementOf(EnumSet.of(feature));
    assertServes(open(2, RingOptions.DEFAULT.withSetup(RingSetup.DEFAULT.withAllowed(others))));
  }

  @Test
  void aRingWithNoFeatureAtAllServes() throws Exception {
    assertServes(open(1, RingOptions.DEFAULT.withSetup(RingSetup.DEFAULT.withAllowed(Set.of()))));
  }

  @Test
  void aRingOfTheSmallestSizesServes() throws Exception {
    RingSetup smallest = RingSetup.DEFAULT.withPlaces(2, 4).withReceiveBuffers(1, 512);
    assertServes(open(1, RingOptions.DEFAULT.withSetup(smallest)));
  }

  private void assertServes(Engine engine) throws Exception {
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      clients.add(client(server));
      clients.get(i).getOutputStream().write(i);
    }
    for (int i = 0; i < 50; i++) {
      assertEquals(i, clients.get(i).getInputStream().read());
    }
    assertEchoesMuch(clients.get(0));
  }

  @Test
  void detailsNameWhatIsUsed() throws Exception {
    String details = open(1, RingOptions.DEFAULT).details();
    for (Feature feature : RingFeatures.all()) {
      boolean alternative = feature == Feature.COOP_TASKRUN || feature == Feature.DEFER_TASKRUN;
      assumeTrue(alternative || details.contains(feature.name()), details);
    }
    assertTrue(details.contains("TASKRUN"), details);
  }

  @Test
  void aDirectConnectionNeedsNoDescriptor() throws Exception {
    Engine engine = openDirect(1, 1_000);
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    client(server);
    OwnResources resources = OwnResources.now();
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      clients.add(client(server));
      assertEchoes(clients.get(i), i);
    }
    Set<String> descriptors = resources.descriptorsOpenedSince();
    assertEquals(100, descriptors.size(), () -> "those of the clients: " + descriptors);
    assertEchoesMuch(clients.get(0));
  }

  /// Also of clients that go from the ring that accepts to another, at the same time.
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theAddressOfADirectConnectionsPeerIsKnown(int loops) throws Exception {
    Engine engine = openDirect(loops, 1_000);
    Map<SocketAddress, Integer> known = new ConcurrentHashMap<>();
    InetSocketAddress server =
        engine.listen(
            ANY_PORT,
            () ->
                new EchoProtocol() {
                  @Override
                  public void onOpen(Connection opened) {
                    known.merge(requireNonNull(opened.remoteAddress()), 1, Integer::sum);
                  }
                });
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      clients.add(client(server));
    }
    for (int i = 0; i < 200; i++) {
      assertEchoes(clients.get(i), i);
      assertEquals(1, known.get(clients.get(i).getLocalSocketAddress()));
    }
  }

  @Test
  void directConnectionsEndAsOthersDo() throws Exception {
    Engine engine = openDirect(1, 1_000);
    ConcurrentLinkedQueue<EchoProtocol> protocols = new ConcurrentLinkedQueue<>();
    InetSocketAddress server =
        engine.listen(
            ANY_PORT,
            () -> {
              EchoProtocol protocol = new EchoProtocol();
              protocols.add(protocol);
              return protocol;
            });
    Socket finishing = client(server);
    finishing.getOutputStream().write("last words".getBytes(UTF_8));
    finishing.shutdownOutput();
    assertEquals("last words", new String(finishing.getInputStream().readAllBytes(), UTF_8));
    assertEquals(CloseReason.CLOSED, protocols.remove().closed.get(120, TimeUnit.SECONDS));

    Socket closed = client(server);
    assertEchoes(closed, 1);
    Connection toClose = protocols.element().opened.get(120, TimeUnit.SECONDS);
    toClose.execute(toClose::close);
    assertEquals(-1, closed.getInputStream().read());
    closed.close();
    assertEquals(CloseReason.CLOSED, protocols.remove().closed.get(120, TimeUnit.SECONDS));

    Socket aborted = client(server);
    assertEchoes(aborted, 2);
    Connection toAbort = protocols.element().opened.get(120, TimeUnit.SECONDS);
    toAbort.execute(toAbort::abort);
    assertEquals("reset", endOf(aborted));
    assertEquals(CloseReason.ABORTED, protocols.remove().closed.get(120, TimeUnit.SECONDS));
    Await.until("the places are free", () -> engine.statistics().connections() == 0);
  }

  private static String endOf(Socket socket) {
    try {
      return socket.getInputStream().read() < 0 ? "finished" : "data";
    } catch (IOException e) {
      return "reset";
    }
  }

  @Test
  void directConnectionsAreSpreadOverTheRingsUntilAllTablesAreFull() throws Exception {
    // A place is kept free for each file on its way from ring to ring.
    int room = 10;
    Engine engine = openDirect(3, 64 + room);
    ConcurrentLinkedQueue<String> owners = new ConcurrentLinkedQueue<>();
    InetSocketAddress server =
        engine.listen(
            ANY_PORT,
            () ->
                new Wordy() {
                  @Override
                  public void onOpen(Connection connection) {
                    owners.add(Thread.currentThread().getName());
                  }
                });
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 3 * room; i++) {
      clients.add(client(server));
      assertEchoes(clients.get(i), i);
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(room, Collections.frequency(owners, "pollux-io_uring-" + i));
    }
    Socket refused = client(server);
    assertEquals("OUT_OF_DESCRIPTORS", new String(refused.getInputStream().readAllBytes(), UTF_8));
    clients.get(7).close();
    Await.until("a place is free", () -> engine.statistics().connections() == 3 * room - 1);
    assertEchoes(client(server), 9);
  }

  @Test
  void anOutgoingConnectionMovesIntoTheRingsTable() throws Exception {
    Engine engine = openDirect(2, 1_000);
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    OwnResources resources = OwnResources.now();
    List<CompletableFuture<Byte>> answers = new ArrayList<>();
    List<Connection> connections = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 50; i++) {
      byte value = (byte) i;
      CompletableFuture<Byte> answer = new CompletableFuture<>();
      answers.add(answer);
      engine.connect(
          server,
          new Protocol() {
            @Override
            public void onOpen(Connection connection) {
              connections.add(connection);
              connection.write(MemorySegment.ofArray(new byte[] {value}), 0, 1);
            }

            @Override
            public void onBytes(
                Connection connection, MemorySegment buffer, int offset, int length) {
              answer.complete(buffer.get(ValueLayout.JAVA_BYTE, offset));
            }
          });
    }
    for (int i = 0; i < 50; i++) {
      assertEquals((byte) i, answers.get(i).get(120, TimeUnit.SECONDS));
    }
    assertEquals(Set.of(), resources.descriptorsOpenedSince());
    connections.forEach(connection -> connection.execute(connection::close));
    Await.until("all have gone", () -> engine.statistics().connections() == 0);
  }

  /// The accept waits to be submitted when the descriptor goes, whose number is soon another's.
  @Test
  void aListenerThatIsClosedAtOnceTakesNoClientOfAnother() throws Exception {
    Engine engine = open(1, RingOptions.DEFAULT);
    CompletableFuture<ServerSocket> other = new CompletableFuture<>();
    Protocol listening =
        new EchoProtocol() {
          @Override
          public void onOpen(Connection connection) {
            try {
              engine.listen(ANY_PORT, EchoProtocol::new);
              engine.stopListening();
              other.complete(new ServerSocket(0, 5, InetAddress.getLoopbackAddress()));
            } catch (IOException e) {
              other.completeExceptionally(e);
            }
          }
        };
    try (ServerSocket peer = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      engine.connect((InetSocketAddress) peer.getLocalSocketAddress(), listening);
      try (ServerSocket server = other.get(120, TimeUnit.SECONDS)) {
        client((InetSocketAddress) server.getLocalSocketAddress());
        for (int turn = 0; turn < 3; turn++) {
          engine.stopListening();
        }
        server.setSoTimeout(120_000);
        opened.add(server.accept());
      }
    }
  }

  @Test
  void aDirectTableBeyondTheLimitOfDescriptorsIsRefusedWithTheLimit() {
    IOException e = assertThrows(IOException.class, () -> openDirect(1, 1 << 20));
    assertTrue(String.valueOf(e.getMessage()).contains("RLIMIT_NOFILE"), e::getMessage);
  }
}
