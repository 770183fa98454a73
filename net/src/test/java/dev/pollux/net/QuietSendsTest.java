package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.IoUring;
import dev.pollux.sys.LinuxRing;
import dev.pollux.sys.PassingRing;
import dev.pollux.sys.Ring;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The sends of `io_uring` of which nothing is heard unless they take less than everything.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QuietSendsTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final AtomicInteger told = new AtomicInteger();
  private OwnResources before = OwnResources.now();

  /// Counts the sends that are told of.
  private final class Counting extends PassingRing {
    Counting(Ring ring) {
      super(ring);
    }

    @Override
    public boolean next() {
      boolean found = super.next();
      if (found && (opcode() == IoUring.IORING_OP_SEND || opcode() == IoUring.IORING_OP_SENDMSG)) {
        told.incrementAndGet();
      }
      return found;
    }
  }

  @BeforeEach
  void needsRings() {
    String why = LinuxRing.whyUnavailable();
    assumeTrue(why == null, () -> why);
    before = OwnResources.now();
  }

  @AfterEach
  void leavesNothingBehind() {
    before.assertNothingMoreThanThis();
  }

  private Engine open(boolean direct) throws IOException {
    return Engine.open(
        EngineOptions.of(IoModel.IO_URING)
            .withLoops(1)
            .withRing(RingOptions.DEFAULT.withDirect(direct).withRings(Counting::new)));
  }

  private static Socket client(InetSocketAddress server) throws IOException {
    return new Socket(server.getAddress(), server.getPort());
  }

  @Test
  void aSendThatTakesEverythingIsNotToldOf() throws Exception {
    try (Engine engine = open(false);
        Socket client = client(engine.listen(ANY_PORT, EchoProtocol::new))) {
      for (int i = 0; i < 500; i++) {
        client.getOutputStream().write(i & 0x7f);
        assertEquals(i & 0x7f, client.getInputStream().read());
      }
      assertEquals(0, told.get());
    }
  }

  /// With direct descriptors all of it goes by the ring.
  @Test
  void aPeerThatReadsLateGetsAllOfIt() throws Exception {
    try (Engine engine = open(true);
        Socket client = client(engine.listen(ANY_PORT, EchoProtocol::new))) {
      byte[] sent = new byte[16 * 1024 * 1024];
      long seed = System.nanoTime();
      new Random(seed).nextBytes(sent);
      Thread writer = BackgroundWriter.start(client, sent);
      Await.until("the server has met a peer that takes no more", () -> told.get() > 0);
      byte[] got = client.getInputStream().readNBytes(sent.length);
      writer.join();
      assertArrayEquals(sent, got, () -> "seed " + seed);
    }
  }

  /// Nothing else happens on the connection, so that nothing but the send can bring it.
  @Test
  void progressIsToldWithoutACompletion() throws Exception {
    CompletableFuture<Integer> drained = new CompletableFuture<>();
    Protocol talking =
        new Protocol() {
          private int left = 1_000;

          @Override
          public void onOpen(Connection connection) {
            connection.write(MemorySegment.ofArray(new byte[] {1}), 0, 1);
          }

          @Override
          public void onDrained(Connection connection) {
            if (--left == 0) {
              drained.complete(connection.pendingOutput());
            } else {
              connection.write(MemorySegment.ofArray(new byte[] {1}), 0, 1);
            }
          }

          @Override
          public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {}
        };
    try (Engine engine = open(false);
        Socket client = client(engine.listen(ANY_PORT, () -> talking))) {
      assertEquals(1_000, client.getInputStream().readNBytes(1_000).length);
      assertEquals(0, drained.get(120, TimeUnit.SECONDS));
      assertEquals(0, told.get());
    }
  }

  /// What is written just before the end is sent before it.
  @Test
  void lastWordsGoOut() throws Exception {
    Protocol brief =
        new Protocol() {
          @Override
          public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
            from.write(buffer, offset, length);
            from.close();
          }
        };
    try (Engine engine = open(false)) {
      InetSocketAddress server = engine.listen(ANY_PORT, () -> brief);
      for (int i = 0; i < 50; i++) {
        try (Socket client = client(server)) {
          client.getOutputStream().write(i);
          assertArrayEquals(new byte[] {(byte) i}, client.getInputStream().readAllBytes());
        }
      }
      Await.until("all have gone", () -> engine.statistics().connections() == 0);
      assertTrue(told.get() == 0, () -> told + " sends were told of");
    }
  }
}
