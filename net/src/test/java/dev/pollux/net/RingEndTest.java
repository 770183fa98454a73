package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.net.ConnectAndCloseTest.Mode;
import dev.pollux.net.ConnectAndCloseTest.Told;
import dev.pollux.sys.IoUring;
import dev.pollux.sys.PassingRing;
import dev.pollux.sys.Ring;
import dev.pollux.sys.SockAddr;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// A ring's engine that is closed at a certain moment of a connection's way in or out: each
/// protocol is told once how it ended, the close waits for nothing, and nothing is left over.
@ParameterizedClass
@MethodSource("dev.pollux.net.ConnectAndCloseTest#ringModes")
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class RingEndTest {
  @Parameter Mode mode;

  private final LoggedWarnings logged = new LoggedWarnings();
  private final CountDownLatch ringsClosed = new CountDownLatch(2);
  private OwnResources before;

  @BeforeEach
  void count() throws IOException {
    mode.assumePossible();
    before = OwnResources.now();
  }

  @AfterEach
  void leavesNothingBehind() {
    logged.close();
    before.assertNothingMoreThanThis();
    assertEquals(List.of(), logged.lines());
  }

  private Engine open(int loops, RingOptions ring) throws IOException {
    return Engine.open(EngineOptions.of(mode.model()).withLoops(loops).withRing(ring));
  }

  /// Closes the engine as soon as one of its loops has queued an operation.
  private Engine closedAfter(int opcode, int loops, Runnable then) throws IOException {
    AtomicReference<@Nullable Engine> engine = new AtomicReference<>();
    final class Closing extends PassingRing {
      Closing(Ring ring) {
        super(ring);
      }

      @Override
      public void queue(
          int operation,
          int flags,
          int ioprio,
          int fd,
          long off,
          long addr,
          int len,
          int operationFlags,
          int bufferGroup,
          int fileIndex,
          long addr3,
          long tag) {
        ring.queue(
            operation,
            flags,
            ioprio,
            fd,
            off,
            addr,
            len,
            operationFlags,
            bufferGroup,
            fileIndex,
            addr3,
            tag);
        queued(operation);
      }

      @Override
      public void queueConnect(int fd, int flags, SockAddr remote, long tag) {
        ring.queueConnect(fd, flags, remote, tag);
        queued(IoUring.IORING_OP_CONNECT);
      }

      private void queued(int operation) {
        Engine open = engine.get();
        if (operation == opcode && open != null) {
          open.close();
          then.run();
        }
      }

      @Override
      public void close() {
        super.close();
        ringsClosed.countDown();
      }
    }

    RingOptions ring = mode.ring();
    Engine opened = open(loops, ring.withRings(real -> new Closing(ring.rings().apply(real))));
    engine.set(opened);
    return opened;
  }

  private void assertEndsAfter(int opcode) throws Exception {
    for (int round = 0; round < 10; round++) {
      Engine engine = closedAfter(opcode, 1, () -> {});
      try (ServerSocket server = ConnectAndCloseTest.server(10)) {
        Told told = new Told();
        Told another = new Told();
        engine.connect(ConnectAndCloseTest.of(server), told);
        engine.connect(ConnectAndCloseTest.of(server), another);
        told.over.get(120, TimeUnit.SECONDS);
        engine.close();
        told.assertOver(engine);
        another.assertOver(engine);
      }
    }
  }

  @Test
  void aCloseWhileTheDescriptorIsMovedIntoTheTable() throws Exception {
    assumeTrue(mode.ring().direct(), "only a ring with its own table");
    assertEndsAfter(IoUring.IORING_OP_FILES_UPDATE);
  }

  @Test
  void aCloseWhileTheConnectIsUnderWay() throws Exception {
    assertEndsAfter(IoUring.IORING_OP_CONNECT);
  }

  @Test
  void aCloseWhenTheConnectionHasJustBegunToReceive() throws Exception {
    assertEndsAfter(IoUring.IORING_OP_RECV);
  }

  /// The accept may have brought a client when the loop ends.
  @Test
  void aClientThatComesAsTheEngineEndsIsNotLeftOver() throws Exception {
    for (int round = 0; round < 20; round++) {
      Engine engine = open(2, mode.ring());
      List<Socket> clients = new CopyOnWriteArrayList<>();
      InetSocketAddress address =
          engine.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Told::new);
      CompletableFuture<Boolean> closed = new CompletableFuture<>();
      Told closing =
          new Told() {
            @Override
            public void onOpen(Connection connection) {
              connection.execute(() -> {
                try {
                  for (int i = 0; i < 5; i++) {
                    clients.add(new Socket(address.getAddress(), address.getPort()));
                  }
                } catch (IOException e) {
                  closed.completeExceptionally(e);
                }
                engine.close();
                closed.complete(true);
              });
            }
          };
      try (ServerSocket server = ConnectAndCloseTest.server(10)) {
        engine.connect(ConnectAndCloseTest.of(server), closing);
        closed.get(120, TimeUnit.SECONDS);
        engine.close();
        closing.over.get(120, TimeUnit.SECONDS);
      }
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  /// The client is on its way from the ring that accepts to one of the others, which have ended
  /// when it gets there.
  @Test
  void aClientForARingThatHasEndedIsToldOnce() throws Exception {
    assumeTrue(mode.ring().direct(), "only a ring with its own table");
    Runnable othersHaveEnded =
        () -> Await.until("the other rings have ended", () -> ringsClosed.getCount() == 0);
    Engine engine = closedAfter(IoUring.IORING_OP_MSG_RING, 2, othersHaveEnded);
    List<Told> accepted = new CopyOnWriteArrayList<>();
    InetSocketAddress address =
        engine.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> {
              Told told = new Told();
              accepted.add(told);
              return told;
            });
    try (Socket client = new Socket(address.getAddress(), address.getPort())) {
      Await.until("it has a protocol", () -> accepted.size() == 1);
      accepted.get(0).over.get(120, TimeUnit.SECONDS);
      engine.close();
      assertTrue(client.isConnected());
    }
    assertEquals(1, accepted.size());
    accepted.get(0).assertOver(engine);
    assertEquals(List.of("open", "closed"), accepted.get(0).told);
  }

  /// Nothing but the accept is under way then, and it has brought a client already.
  @Test
  void aClientOfWhomTheRingTellsLateIsNotLeftOver() throws Exception {
    long seed = System.nanoTime();
    FaultyKernel late = new FaultyKernel(seed, 70);
    for (int round = 0; round < 20; round++) {
      Engine engine = open(1, mode.ring().withRings(late::over));
      InetSocketAddress address =
          engine.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Told::new);
      try (Socket client = new Socket(address.getAddress(), address.getPort())) {
        engine.close();
        assertTrue(client.isConnected(), () -> "seed " + seed);
      }
    }
  }
}
