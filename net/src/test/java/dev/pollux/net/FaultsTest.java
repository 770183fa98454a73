package dev.pollux.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.Errno;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// A kernel that misbehaves as a real one may, and what the engines make of it.
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FaultsTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final OwnResources before = OwnResources.now();

  @AfterEach
  void leavesNothingBehind() throws Exception {
    Collections.reverse(opened);
    for (AutoCloseable resource : opened) {
      resource.close();
    }
    before.assertNothingMoreThanThis();
  }

  private Engine open(IoModel model, FaultyKernel kernel) throws IOException {
    Engine engine =
        Engine.open(
            EngineOptions.of(model)
                .withLoops(1)
                .withKernels(kernel::over)
                .withRing(RingOptions.DEFAULT.withRings(kernel::over)));
    opened.add(engine);
    return engine;
  }

  private Socket client(InetSocketAddress server) throws IOException {
    Socket socket = new Socket(server.getAddress(), server.getPort());
    opened.add(socket);
    return socket;
  }

  @ParameterizedTest
  @EnumSource
  void interruptedAndShortCallsLoseAndDoubleNothing(IoModel model) throws Exception {
    long seed = System.nanoTime();
    Engine engine = open(model, new FaultyKernel(seed, 20));
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    List<Thread> clients = new ArrayList<>();
    List<AssertionError> failures = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 8; i++) {
      Random bytes = new Random(seed + i);
      Socket socket = client(server);
      clients.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  echoRandomly(socket, bytes);
                } catch (IOException e) {
                  failures.add(new AssertionError("seed " + seed, e));
                } catch (AssertionError e) {
                  failures.add(new AssertionError("seed " + seed, e));
                }
              }));
    }
    for (Thread thread : clients) {
      thread.join();
    }
    assertEquals(List.of(), failures);
  }

  private static void echoRandomly(Socket socket, Random random) throws IOException {
    for (int round = 0; round < 20; round++) {
      byte[] sent = new byte[1 + random.nextInt(100_000)];
      random.nextBytes(sent);
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  socket.getOutputStream().write(sent);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      assertArrayEquals(sent, socket.getInputStream().readNBytes(sent.length));
      try {
        writer.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void outOfDescriptorsTheClientThatWaitsIsToldAndTheLoopDoesNotSpin(IoModel model)
      throws Exception {
    FaultyKernel kernel = new FaultyKernel(1, 0);
    Engine engine = open(model, kernel);
    kernel.acceptErrno.set(Errno.EMFILE);
    InetSocketAddress server = engine.listen(ANY_PORT, Wordy::new);
    Socket first = client(server);
    first.getOutputStream().write(1);
    assertEquals(1, first.getInputStream().read());

    // An acceptor of its own is in its next accept4 already, which succeeds: one client more.
    // So it is with the accept that a ring has under way.
    if (!model.usesLoops()) {
      Await.until("the acceptor waits for the next", () -> kernel.acceptCalls.get() >= 2);
    }
    if (!model.usesLoops() || model == IoModel.IO_URING) {
      kernel.acceptFailures.set(1);
      Socket between = client(server);
      between.getOutputStream().write(2);
      assertEquals(2, between.getInputStream().read());
    } else {
      kernel.acceptFailures.set(1);
    }
    // The next call says EMFILE; with the reserve given up, the one after it has a descriptor.
    Socket refused = client(server);
    assertEquals("OUT_OF_DESCRIPTORS", new String(refused.getInputStream().readAllBytes(), UTF_8));
    assertEquals(1, engine.statistics().refused());

    Socket later = client(server);
    later.getOutputStream().write(3);
    assertEquals(3, later.getInputStream().read());
    first.getOutputStream().write(4);
    assertEquals(4, first.getInputStream().read());
  }

  @ParameterizedTest
  @CsvSource({"EPOLL,105", "POLL,12", "SELECT,105", "EPOLL_ET,23", "BLOCKING,12", "IO_URING,105"})
  void aFailingAcceptIsTriedAgainAfterAWhileWithoutSpinning(IoModel model, int errno)
      throws Exception {
    FaultyKernel kernel = new FaultyKernel(1, 0);
    Engine engine = open(model, kernel);
    kernel.acceptErrno.set(errno);
    InetSocketAddress server = engine.listen(ANY_PORT, Wordy::new);
    // ENFILE takes two failures a try: with the reserve, and without.
    kernel.acceptFailures.set(4);
    long calls = kernel.acceptCalls.get();
    Socket client = client(server);
    Socket second = client(server);
    second.getOutputStream().write(5);
    client.getOutputStream().write(6);
    assertEquals(6, client.getInputStream().read());
    assertEquals(5, second.getInputStream().read());
    assertTrue(
        kernel.acceptCalls.get() - calls < 20, "accept4 was called again and again: it spins");
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatGaveUpWhileItWaitedHarmsNobody(IoModel model) throws Exception {
    FaultyKernel kernel = new FaultyKernel(1, 0);
    Engine engine = open(model, kernel);
    kernel.acceptErrno.set(Errno.ECONNABORTED);
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    kernel.acceptFailures.set(3);
    Socket client = client(server);
    client.getOutputStream().write(1);
    assertEquals(1, client.getInputStream().read());
  }

  @Test
  void aClientThatEpollCannotWatchIsRefusedAndTheNextIsServed() throws Exception {
    FaultyKernel kernel = new FaultyKernel(1, 0);
    Engine engine = open(IoModel.EPOLL, kernel);
    InetSocketAddress server = engine.listen(ANY_PORT, Wordy::new);
    kernel.watchFailures.set(1);
    Socket refused = client(server);
    assertEquals("OUT_OF_RESOURCES", new String(refused.getInputStream().readAllBytes(), UTF_8));
    Socket next = client(server);
    next.getOutputStream().write(1);
    assertEquals(1, next.getInputStream().read());
    assertEquals(1, engine.statistics().connections());
  }
}
