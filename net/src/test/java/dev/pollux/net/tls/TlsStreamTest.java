package dev.pollux.net.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/// TLS over a connection in memory, against the JDK's engine: what arrives when, in which pieces,
/// and what it holds meanwhile.
@ParameterizedClass
@CsvSource({"TLSv1.3, false", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.2, true"})
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class TlsStreamTest {
  @Parameter(0)
  String version;

  /// Whether steps of the handshake are computed in place.
  @Parameter(1)
  boolean mayBlock;

  private final Queue<Runnable> steps = new ArrayDeque<>();
  private TlsServer server;
  private Recorder inner;
  private FakeTransport transport;
  private EnginePeer peer;

  @BeforeEach
  void setUp() throws IOException {
    server =
        Tls.server(
            TlsOptions.of(Certificates.SHARED::identity)
                .withApplicationProtocols(List.of("http/1.1"))
                .withMaxHandshakes(1),
            steps::add,
            "spoken in clear".getBytes(StandardCharsets.US_ASCII));
    inner = new Recorder();
    transport = new FakeTransport(server.wrap(inner), mayBlock);
    peer = new EnginePeer(Certificates.SHARED.trustingContext(), version);
    transport.open();
  }

  /// What is computed elsewhere comes back.
  private void compute() {
    while (!steps.isEmpty()) {
      assertTrue(transport.readingSuspended, "nothing is read while a step is computed");
      steps.remove().run();
      transport.endOfBatch();
    }
  }

  private void arrive(byte[] bytes) {
    transport.receive(bytes, 0, bytes.length);
    compute();
  }

  private void arriveInPieces(byte[] bytes, Random random, int most) {
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(bytes.length - at, 1 + random.nextInt(most));
      transport.receive(bytes, at, length);
      compute();
      at += length;
    }
  }

  private void shakeHands() throws SSLException {
    shakeHands(new Random(0), 1 << 16);
  }

  private void shakeHands(Random random, int most) throws SSLException {
    for (int i = 0; i < 10 && !(peer.isDone() && inner.events.contains("open")); i++) {
      arriveInPieces(peer.own(), random, most);
      peer.receive(transport.taken());
    }
    arriveInPieces(peer.own(), random, most);
    peer.receive(transport.taken());
    assertEquals(List.of("open"), inner.events);
    assertFalse(transport.timerSet, "the timer is the inner protocol's");
    assertEquals(0, transport.lentBytes(), "an idle connection holds no buffer");
  }

  private static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void whatWasAgreedUponIsKnownAbove() throws Exception {
    shakeHands();
    SecureConnection secure = (SecureConnection) inner.connection();
    assertEquals(version, secure.tlsVersion());
    assertEquals(peer.engine.getSession().getCipherSuite(), secure.cipherSuite());
    assertEquals("http/1.1", secure.applicationProtocol());
    assertEquals(List.of(), secure.peerCertificates());
    assertEquals(1, server.statistics().handshakes());
    assertEquals(0, server.statistics().handshaking());
  }

  @Test
  void everySplitOfTheStreamIsTheSameStream() throws Exception {
    for (int most : new int[] {1, 2, 5, 7, 64, 1000, 17_000, 65_536}) {
      setUp();
      long seed = System.nanoTime();
      System.out.println("splits of at most " + most + " bytes, seed " + seed);
      Random random = new Random(seed);
      shakeHands(random, most);
      var sent = new ByteArrayOutputStream();
      int messages = most < 5 ? 4 : 20;
      for (int i = 0; i < messages; i++) {
        byte[] bytes = random(random, random.nextInt(most < 64 ? 3_000 : 40_000));
        sent.writeBytes(bytes);
        arriveInPieces(peer.send(bytes), random, most);
        peer.receive(transport.taken());
        assertEquals(0, transport.lentBytes());
      }
      assertArrayEquals(sent.toByteArray(), inner.received.toByteArray(), "seed " + seed);
      assertArrayEquals(sent.toByteArray(), peer.received.toByteArray(), "seed " + seed);
    }
  }

  @Test
  void manyRecordsOfOneReceiveAreAnsweredWithOneEncryptionAndFlush() throws Exception {
    shakeHands();
    var records = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      records.writeBytes(peer.send(new byte[] {(byte) i}));
    }
    int flushesBefore = transport.flushes;
    arrive(records.toByteArray());
    byte[] answer = transport.taken();
    assertEquals(1, transport.flushes - flushesBefore);
    peer.receive(answer);
    assertEquals(100, peer.received.size());
    // One record: its overhead once, not a hundred times.
    assertTrue(answer.length < 200, "bytes: " + answer.length);
  }

  @Test
  void nothingIsDeliveredWhileReadingIsSuspendedAndAllOfItLater() throws Exception {
    shakeHands();
    inner.echoes = false;
    Recorder pausing =
        new Recorder() {
          @Override
          void onReceived(Connection from) {
            from.suspendReading();
          }
        };
    pausing.echoes = false;
    inner.connection().handOver(pausing, MemorySegment.NULL, 0, 0);
    var records = new ByteArrayOutputStream();
    for (int i = 0; i < 3; i++) {
      records.writeBytes(peer.send(random(new Random(i), 16_000)));
    }
    arrive(records.toByteArray());
    int first = pausing.received.size();
    assertTrue(first > 0 && first < 48_000, "delivered " + first);
    assertTrue(transport.readingSuspended);
    for (int round = 0; round < 5 && pausing.received.size() < 48_000; round++) {
      int before = pausing.received.size();
      pausing.connection().resumeReading();
      assertEquals(before, pausing.received.size(), "not within the call");
      transport.endOfBatch();
      assertTrue(pausing.received.size() > before);
    }
    assertEquals(48_000, pausing.received.size());
    pausing.connection().resumeReading();
    transport.endOfBatch();
    assertFalse(transport.readingSuspended);
    assertEquals(0, transport.lentBytes());
  }

  @Test
  void pendingOutputCountsPlaintextAndRecordsAndIsAllSentInTheEnd() throws Exception {
    shakeHands();
    transport.kernelTakesNothing = true;
    byte[] bytes = random(new Random(3), 300_000);
    inner.connection().write(MemorySegment.ofArray(bytes), 0, bytes.length);
    transport.endOfBatch();
    assertEquals(300_000, inner.connection().pendingOutput());
    transport.kernelTakesNothing = false;
    transport.endOfBatch();
    assertEquals(0, inner.connection().pendingOutput());
    peer.receive(transport.taken());
    assertArrayEquals(bytes, peer.received.toByteArray());
    assertEquals(0, transport.lentBytes());
  }

  @Test
  void closeSendsWhatIsPendingAndCloseNotify() throws Exception {
    shakeHands();
    inner.connection().write(MemorySegment.ofArray(new byte[] {7}), 0, 1);
    inner.connection().close();
    assertFalse(inner.connection().isOpen());
    transport.endOfBatch();
    assertTrue(transport.closed);
    peer.receive(transport.taken());
    assertArrayEquals(new byte[] {7}, peer.received.toByteArray());
    assertTrue(peer.engine.isInboundDone(), "close_notify came");
    // Written to nobody, and no memory is kept for it.
    inner.connection().write(MemorySegment.ofArray(new byte[100]), 0, 100);
    transport.end(CloseReason.CLOSED);
    assertEquals("closed CLOSED", inner.events.getLast());
    assertEquals(0, transport.lentBytes());
  }

  @Test
  void thePeersCloseNotifyIsTheEndOfInputAndIsAnswered() throws Exception {
    shakeHands();
    var records = new ByteArrayOutputStream();
    records.writeBytes(peer.send(new byte[] {1, 2}));
    records.writeBytes(peer.close());
    arrive(records.toByteArray());
    peer.receive(transport.taken());
    assertArrayEquals(new byte[] {1, 2}, peer.received.toByteArray(), "answered before the end");
    assertTrue(peer.engine.isInboundDone(), "close_notify was answered");
    assertTrue(transport.closed);
    transport.end(CloseReason.CLOSED);
    assertEquals(List.of("open", "end of input", "closed CLOSED"), inner.events);
    assertEquals(0, server.statistics().truncated());
  }

  @Test
  void finWithoutCloseNotifyIsReportedAsTruncation() throws Exception {
    shakeHands();
    transport.fin();
    peer.receive(transport.taken());
    assertTrue(peer.engine.isInboundDone(), "the peer gets its close_notify");
    assertTrue(transport.closed);
    transport.end(CloseReason.CLOSED);
    assertEquals(List.of("open", "closed TRUNCATED"), inner.events);
    assertEquals(1, server.statistics().truncated());
  }

  @Test
  void aChangedByteIsAnsweredWithAnAlert() throws Exception {
    shakeHands();
    byte[] record = peer.send(new byte[] {1, 2, 3});
    record[record.length - 1] ^= 1;
    arrive(record);
    assertTrue(transport.closed);
    byte[] alert = transport.taken();
    SSLException e = assertThrows(SSLException.class, () -> peer.receive(alert));
    assertTrue(String.valueOf(e.getMessage()).contains("bad_record_mac"), e.toString());
    transport.end(CloseReason.CLOSED);
    assertEquals(List.of("open", "closed TLS_FAILED"), inner.events);
    assertEquals(1, server.statistics().failed());
    assertEquals(0, transport.lentBytes());
  }

  @Test
  void aRecordTooLargeEndsTheConnectionBeforeItIsGathered() throws Exception {
    shakeHands();
    arrive(new byte[] {23, 3, 3, (byte) 0xff, (byte) 0xff, 0});
    assertTrue(transport.closed);
    transport.end(CloseReason.CLOSED);
    assertEquals("closed TLS_FAILED", inner.events.getLast());
    assertEquals(0, transport.lentBytes());
  }

  @Test
  void garbageInsteadOfAClientHelloIsAnsweredWithAnAlert() {
    byte[] garbage = random(new Random(9), 100);
    garbage[0] = 5;
    arrive(garbage);
    assertTrue(transport.closed);
    byte[] alert = transport.taken();
    assertEquals(TlsRecord.ALERT, alert[0]);
    transport.end(CloseReason.CLOSED);
    assertEquals(List.of(), inner.events);
    assertEquals(1, server.statistics().failed());
    assertEquals(0, server.statistics().handshaking());
    assertEquals(0, transport.lentBytes());
  }

  @Test
  void aHandshakeRecordOfGarbageIsAnsweredWithAnAlert() {
    arrive(new byte[] {22, 3, 1, 0, 4, 99, 0, 0, 0});
    assertTrue(transport.closed);
    assertEquals(TlsRecord.ALERT, transport.taken()[0]);
    assertEquals(1, server.statistics().failed());
  }

  @Test
  void whoeverSpeaksInClearIsToldSo() {
    arrive("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertEquals("spoken in clear", new String(transport.taken(), StandardCharsets.US_ASCII));
    assertTrue(transport.closed);
    assertEquals(1, server.statistics().plainText());
  }

  @Test
  void aHandshakeThatTakesTooLongIsCut() throws Exception {
    assertTrue(transport.timerSet);
    byte[] hello = peer.own();
    transport.receive(hello, 0, hello.length / 2);
    transport.timerFires();
    assertTrue(transport.aborted);
    transport.end(CloseReason.ABORTED);
    assertEquals(List.of(), inner.events);
    assertEquals(1, server.statistics().timeouts());
    assertEquals(0, server.statistics().handshaking());
    assertEquals(0, transport.lentBytes());
  }

  @Test
  void aHandshakeThatWaitsForThisSideHasItsTimeAnew() throws Exception {
    byte[] hello = peer.own();
    transport.receive(hello, 0, hello.length);
    boolean computesElsewhere = !steps.isEmpty();
    transport.timerFires();
    assertEquals(computesElsewhere, !transport.aborted);
    assertEquals(computesElsewhere, transport.timerSet);
    assertEquals(computesElsewhere ? 0 : 1, server.statistics().timeouts());
  }

  @Test
  void aResetInTheHandshakeLeavesNothing() throws Exception {
    byte[] hello = peer.own();
    transport.receive(hello, 0, hello.length);
    transport.end(CloseReason.RESET);
    if (!steps.isEmpty()) {
      // Its result comes too late.
      steps.remove().run();
      transport.endOfBatch();
    }
    assertEquals(List.of(), inner.events);
    assertEquals(0, server.statistics().handshaking());
    assertEquals(0, transport.lentBytes());
  }

  @Test
  void moreHandshakesThanThereMayBeAreCut() throws Exception {
    byte[] hello = peer.own();
    transport.receive(hello, 0, hello.length);
    FakeTransport second = new FakeTransport(server.wrap(new Recorder()), mayBlock);
    second.open();
    second.receive(hello, 0, hello.length);
    assertTrue(second.aborted);
    assertEquals(1, server.statistics().refused());
    // A connection that only stands there is no handshake.
    FakeTransport third = new FakeTransport(server.wrap(new Recorder()), mayBlock);
    third.open();
    assertFalse(third.aborted);
  }

  @Test
  void aHandshakeCountsFromItsFirstWholeRecordOn() throws Exception {
    byte[] hello = peer.own();
    transport.receive(hello, 0, hello.length - 1);
    assertEquals(0, server.statistics().handshaking());
    FakeTransport second = new FakeTransport(server.wrap(new Recorder()), mayBlock);
    second.open();
    second.receive(hello, 0, hello.length);
    assertFalse(second.aborted, "the one that is not whole takes no place");
    assertEquals(1, server.statistics().handshaking());
    transport.receive(hello, hello.length - 1, 1);
    assertTrue(transport.aborted);
    transport.end(CloseReason.ABORTED);
    assertEquals(0, transport.lentBytes());
  }

  @Test
  void oneAddressTakesNotAllPlaces() throws Exception {
    server =
        Tls.server(
            TlsOptions.of(Certificates.SHARED::identity)
                .withMaxHandshakes(3)
                .withMaxHandshakesOfAddress(1),
            steps::add,
            new byte[0]);
    byte[] hello = peer.own();
    FakeTransport first = from("192.0.2.1", hello);
    assertFalse(first.aborted);
    assertTrue(from("192.0.2.1", hello).aborted);
    assertFalse(from("192.0.2.2", hello).aborted);
    assertEquals(1, server.statistics().refused());
    first.end(CloseReason.RESET);
    assertFalse(from("192.0.2.1", hello).aborted, "its place is free again");
  }

  private FakeTransport from(String address, byte[] hello) {
    FakeTransport client = new FakeTransport(server.wrap(new Recorder()), mayBlock);
    client.remote = new InetSocketAddress(address, 4000);
    client.open();
    client.receive(hello, 0, hello.length);
    return client;
  }

  @Test
  void renegotiationIsRefused() throws Exception {
    if (!version.equals("TLSv1.2")) {
      // TLS 1.3 has none (RFC 8446 §4.1.2); its engine asks for new keys instead.
      return;
    }
    shakeHands();
    peer.engine.beginHandshake();
    arrive(peer.own());
    assertTrue(transport.closed);
    assertEquals(1, server.statistics().renegotiations());
    SSLException told = assertThrows(SSLException.class, () -> peer.receive(transport.taken()));
    assertTrue(String.valueOf(told.getMessage()).contains("handshake_failure"), told::toString);
  }

  @Test
  void newKeysAreTakenAndAnsweredWithNewKeys() throws Exception {
    if (!version.equals("TLSv1.3")) {
      return;
    }
    shakeHands();
    for (int i = 0; i < 3; i++) {
      // The JDK's engine sends a KeyUpdate that asks for one (RFC 8446 §4.6.3).
      peer.engine.beginHandshake();
      arrive(peer.own());
      peer.receive(transport.taken());
      arrive(peer.send(new byte[] {1}));
      peer.receive(transport.taken());
      assertEquals(i + 1, peer.received.size());
    }
    assertEquals(List.of("open"), inner.events);
  }

  @Test
  void aPeerThatAsksForKeysForEverAndReadsNothingIsCut() throws Exception {
    if (!version.equals("TLSv1.3")) {
      return;
    }
    shakeHands();
    transport.kernelTakesNothing = true;
    int asked = 0;
    while (transport.canReceive() && asked++ < 10_000) {
      peer.engine.beginHandshake();
      byte[] update = peer.own();
      arrive(update);
      assertTrue(transport.pendingOutput() < 100_000, "bounded");
    }
    assertTrue(transport.closed, "after " + asked);
  }

  @Test
  void theTimerIsTheInnerProtocolsWhenTheHandshakeIsDone() throws Exception {
    shakeHands();
    inner.connection().setTimer(1);
    assertTrue(transport.timerSet);
    transport.timerFires();
    assertEquals(List.of("open", "timer"), inner.events);
  }

  @Test
  void certificatesAreReloadedAndOpenConnectionsGoOn() throws Exception {
    shakeHands();
    server.reload();
    arrive(peer.send(new byte[] {5}));
    peer.receive(transport.taken());
    assertEquals(1, peer.received.size());
  }

  @Test
  void limitsAreNamedWhenTheyAreBroken() {
    TlsOptions options = TlsOptions.of(Certificates.SHARED::identity);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> options.withHandshakeTimeout(Duration.ZERO));
    assertTrue(String.valueOf(e.getMessage()).startsWith("handshakeTimeout is PT0S"));
    assertThrows(IllegalArgumentException.class, () -> options.withVersions(List.of("SSLv3")));
    assertThrows(IllegalArgumentException.class, () -> options.withMaxHandshakes(0));
    assertThrows(IllegalArgumentException.class, () -> options.withMaxHandshakesOfAddress(0));
    assertTrue(Arrays.asList("TLSv1.3", "TLSv1.2").containsAll(options.versions()));
  }
}
