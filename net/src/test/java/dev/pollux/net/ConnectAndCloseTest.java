package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.RingFeatures.Feature;
import dev.pollux.sys.RingSetup;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Outgoing connections on their way when their engine is closed: each protocol is told once how it
/// ended, the close waits for nothing, and nothing is left over.
@ParameterizedClass
@MethodSource("modes")
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class ConnectAndCloseTest {

  record Mode(IoModel model, RingOptions ring, String how) {
    void assumePossible() throws IOException {
      if (ring.direct()) {
        try (Engine engine = Engine.open(EngineOptions.of(IoModel.IO_URING).withLoops(1))) {
          assumeTrue(
              engine.details().contains(Feature.DIRECT_DESCRIPTORS.name()),
              "direct descriptors need Linux 6.8");
        }
      }
    }

    @Override
    public String toString() {
      return model + how;
    }
  }

  static Stream<Mode> modes() {
    return Stream.concat(
        Stream.of(IoModel.values())
            .filter(model -> model != IoModel.AUTO && model != IoModel.IO_URING)
            .map(model -> new Mode(model, RingOptions.DEFAULT, "")),
        ringModes());
  }

  static Stream<Mode> ringModes() {
    RingOptions plain = RingOptions.DEFAULT;
    RingOptions direct = plain.withDirect(true);
    RingSetup bare = RingSetup.DEFAULT.withAllowed(Set.of());
    RingSetup small = RingSetup.DEFAULT.withPlaces(2, 4);
    long seed = System.nanoTime();
    FaultyKernel faults = new FaultyKernel(seed, 20);
    return Stream.of(
        new Mode(IoModel.IO_URING, plain, ""),
        new Mode(IoModel.IO_URING, plain.withSetup(bare), " with no feature"),
        new Mode(IoModel.IO_URING, plain.withSetup(small), " of the smallest size"),
        new Mode(IoModel.IO_URING, plain.withRings(faults::over), " with faults of " + seed),
        new Mode(IoModel.IO_URING, direct, " direct"),
        new Mode(IoModel.IO_URING, direct.withSetup(small), " direct, of the smallest size"),
        new Mode(
            IoModel.IO_URING, direct.withRings(faults::over), " direct, with faults of " + seed));
  }

  @Parameter Mode mode;

  private final LoggedWarnings logged = new LoggedWarnings();
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

  private Engine open(int loops) throws IOException {
    return Engine.open(EngineOptions.of(mode.model()).withLoops(loops).withRing(mode.ring()));
  }

  /// What one protocol is told.
  static class Told implements Protocol {
    final List<String> told = new CopyOnWriteArrayList<>();
    final CompletableFuture<Boolean> opened = new CompletableFuture<>();
    final CompletableFuture<Boolean> over = new CompletableFuture<>();

    @Override
    public void onOpen(Connection connection) {
      told.add("open");
      opened.complete(true);
    }

    @Override
    public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {}

    @Override
    public void onClosed(Connection connection, CloseReason reason) {
      told.add("closed");
      over.complete(true);
    }

    @Override
    public void onConnectFailed(IOException cause) {
      told.add("failed");
      over.complete(true);
    }

    /// The close has returned, but a thread may still be in the callback.
    void assertOver(Engine engine) throws Exception {
      over.get(120, TimeUnit.SECONDS);
      assertTrue(
          told.equals(List.of("failed")) || told.equals(List.of("open", "closed")), told::toString);
      Await.until("no place is taken", () -> engine.statistics().connections() == 0);
    }
  }

  static ServerSocket server(int backlog) throws IOException {
    return new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
  }

  static InetSocketAddress of(ServerSocket server) {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  @Test
  void aConnectAndACloseAtOnce() throws Exception {
    try (ServerSocket server = server(100)) {
      for (int round = 0; round < 20; round++) {
        Engine engine = open(1);
        Told told = new Told();
        engine.connect(of(server), told);
        for (int i = 0; i < round * 500; i++) {
          Thread.onSpinWait();
        }
        engine.close();
        told.assertOver(engine);
      }
    }
  }

  @Test
  void aCloseInTheMidstOfManyConnects() throws Exception {
    for (int loops = 1; loops <= 3; loops += 2) {
      try (ServerSocket server = server(1_000)) {
        Engine engine = open(loops);
        List<Told> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          all.add(new Told());
        }
        Thread connecting =
            Thread.ofPlatform()
                .name("connect-all")
                .start(() -> all.forEach(told -> engine.connect(of(server), told)));
        all.get(50).opened.get(120, TimeUnit.SECONDS);
        engine.close();
        connecting.join();
        for (Told told : all) {
          told.assertOver(engine);
        }
      }
    }
  }

  @Test
  void aPeerThatNeverAnswersIsNotWaitedFor() throws Exception {
    try (ServerSocket deaf = server(1);
        Socket first = new Socket(deaf.getInetAddress(), deaf.getLocalPort());
        Socket second = new Socket(deaf.getInetAddress(), deaf.getLocalPort());
        ServerSocket server = server(10)) {
      assertTrue(first.isConnected() && second.isConnected(), "its queue is full");
      Engine engine = open(1);
      List<Told> waiting = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        waiting.add(new Told());
        engine.connect(of(deaf), waiting.get(i));
      }
      Told answered = new Told();
      engine.connect(of(server), answered);
      answered.opened.get(120, TimeUnit.SECONDS);
      engine.close();
      for (Told told : waiting) {
        told.assertOver(engine);
        assertEquals(List.of("failed"), told.told);
      }
      answered.assertOver(engine);
      assertEquals(List.of("open", "closed"), answered.told);
    }
  }

  @Test
  void whoConnectsAgainWhenItIsOverIsToldThatToo() throws Exception {
    try (ServerSocket server = server(10)) {
      Engine engine = open(1);
      Told last = new Told();
      Told first =
          new Told() {
            @Override
            public void onClosed(Connection connection, CloseReason reason) {
              engine.connect(of(server), last);
              super.onClosed(connection, reason);
            }
          };
      engine.connect(of(server), first);
      first.opened.get(120, TimeUnit.SECONDS);
      engine.close();
      first.assertOver(engine);
      last.assertOver(engine);
      assertEquals(List.of("failed"), last.told);
    }
  }
}
