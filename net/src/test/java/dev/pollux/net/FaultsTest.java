package dev.pollux.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.FaultyKernel.Fault;
import dev.pollux.sys.Errno;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A kernel that misbehaves as a real one may, and what the engines make of it.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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
    echoWith(model, seed, new FaultyKernel(seed, 20));
  }

  @ParameterizedTest
  @EnumSource
  void descriptorsThatAreNotReadyOrAreToldLateDoNoHarm(IoModel model) throws Exception {
    long seed = System.nanoTime();
    echoWith(
        model, seed, new FaultyKernel(seed, 30, EnumSet.of(Fault.SPURIOUSLY_READY, Fault.LATE)));
  }

  @ParameterizedTest
  @EnumSource(names = {"NONBLOCKING", "SELECT", "POLL", "EPOLL", "NIO"})
  void whereReadinessIsToldAgainEagainMayComeTooEarly(IoModel model) throws Exception {
    long seed = System.nanoTime();
    echoWith(model, seed, new FaultyKernel(seed, 30, EnumSet.allOf(Fault.class)));
  }

  private void echoWith(IoModel model, long seed, FaultyKernel kernel) throws Exception {
    Engine engine = open(model, kernel);
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
      Thread writer = BackgroundWriter.start(socket, sent);
      assertArrayEquals(sent, socket.getInputStream().readNBytes(sent.length));
      try {
        writer.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  static Stream<Arguments> everyModelWithEach(int... errnos) {
    return Stream.of(IoModel.values())
        .flatMap(model ->
            IntStream.of(errnos).mapToObj(errno -> Arguments.of(model, Errno.name(errno), errno)));
  }

  static Stream<Arguments> fullTables() {
    return everyModelWithEach(Errno.EMFILE, Errno.ENFILE);
  }

  @ParameterizedTest
  @MethodSource("fullTables")
  void outOfDescriptorsTheClientThatWaitsIsToldAndTheLoopDoesNotSpin(
      IoModel model, String name, int errno) throws Exception {
    FaultyKernel kernel = new FaultyKernel(1, 0);
    Engine engine = open(model, kernel);
    kernel.acceptErrno.set(errno);
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
      // Where accept4 waits itself it is called once more when a client is there.
      kernel.acceptFailures.set(model.usesLoops() ? 1 : 2);
      Socket between = client(server);
      between.getOutputStream().write(2);
      assertEquals(2, between.getInputStream().read());
    } else {
      kernel.acceptFailures.set(1);
      if (model == IoModel.NONBLOCKING) {
        // It is in an accept4 nearly always, which was to succeed when it began.
        long calls = kernel.acceptCalls.get();
        Await.until("that call is over", () -> kernel.acceptCalls.get() >= calls + 2);
      }
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

  /// Where accept4 takes its descriptor before it waits for a client.
  @ParameterizedTest
  @EnumSource(names = {"BLOCKING", "VIRTUAL"})
  void whoComesWhenDescriptorsAreFreeAgainIsServed(IoModel model) throws Exception {
    FaultyKernel kernel = new FaultyKernel(1, 0);
    Engine engine = open(model, kernel);
    kernel.acceptErrno.set(Errno.EMFILE);
    InetSocketAddress server = engine.listen(ANY_PORT, Wordy::new);
    Await.until("the acceptor waits", () -> kernel.acceptCalls.get() >= 1);
    kernel.acceptFailures.set(1);
    // Its accept is under way since before.
    Socket first = client(server);
    first.getOutputStream().write(1);
    assertEquals(1, first.getInputStream().read());
    Await.until("nobody waits, and accept4 has failed", () -> kernel.acceptFailures.get() <= 0);
    Socket next = client(server);
    next.getOutputStream().write(2);
    assertEquals(2, next.getInputStream().read());
    assertEquals(0, engine.statistics().refused());
  }

  static Stream<Arguments> shortages() {
    return everyModelWithEach(Errno.ENOBUFS, Errno.ENOMEM, Errno.ENFILE);
  }

  @ParameterizedTest
  @MethodSource("shortages")
  void aFailingAcceptIsTriedAgainAfterAWhileWithoutSpinning(IoModel model, String name, int errno)
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
    // One model tries all the time, whether somebody is there or not.
    assertTrue(
        model == IoModel.NONBLOCKING || kernel.acceptCalls.get() - calls < 20,
        "accept4 was called again and again: it spins");
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

  static Stream<Arguments> ofReceiving() {
    return everyModelWithEach(Errno.ECONNRESET, Errno.ETIMEDOUT, Errno.ENOMEM);
  }

  @ParameterizedTest
  @MethodSource("ofReceiving")
  void aConnectionThatBreaksWhenItIsReadEndsAlone(IoModel model, String name, int errno)
      throws Exception {
    FaultyKernel kernel = new FaultyKernel(1, 0);
    kernel.receiveErrno.set(errno);
    breaksAlone(model, kernel, kernel.receiveFailures);
  }

  static Stream<Arguments> ofSending() {
    return everyModelWithEach(
        Errno.EPIPE, Errno.ECONNRESET, Errno.ENOBUFS, Errno.ENOMEM, Errno.ETIMEDOUT);
  }

  @ParameterizedTest
  @MethodSource("ofSending")
  void aConnectionThatBreaksWhenItIsWrittenEndsAlone(IoModel model, String name, int errno)
      throws Exception {
    FaultyKernel kernel = new FaultyKernel(1, 0);
    kernel.sendErrno.set(errno);
    breaksAlone(model, kernel, kernel.sendFailures);
  }

  private void breaksAlone(IoModel model, FaultyKernel kernel, AtomicInteger failures)
      throws Exception {
    Engine engine = open(model, kernel);
    List<EchoProtocol> served = Collections.synchronizedList(new ArrayList<>());
    InetSocketAddress server =
        engine.listen(
            ANY_PORT,
            () -> {
              EchoProtocol protocol = new EchoProtocol();
              served.add(protocol);
              return protocol;
            });
    Socket unlucky = client(server);
    unlucky.getOutputStream().write(1);
    assertEquals(1, unlucky.getInputStream().read());
    Socket other = client(server);
    other.getOutputStream().write(2);
    assertEquals(2, other.getInputStream().read());

    failures.set(1);
    unlucky.getOutputStream().write(3);
    assertEquals(CloseReason.RESET, served.get(0).closed.get(120, TimeUnit.SECONDS));
    assertTrue(endsWithoutAByte(unlucky));
    other.getOutputStream().write(4);
    assertEquals(4, other.getInputStream().read());
    assertFalse(served.get(1).closed.isDone());
    Await.until("one connection is left", () -> engine.statistics().connections() == 1);
  }

  private static boolean endsWithoutAByte(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException reset) {
      return true;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "EPOLL,ENOSPC,28",
    "EPOLL,ENOMEM,12",
    "EPOLL_ET,ENOSPC,28",
    "EPOLL_ET,ENOMEM,12",
    "VIRTUAL,ENOSPC,28",
    "VIRTUAL,ENOMEM,12"
  })
  void aClientThatEpollCannotWatchIsRefusedAndTheNextIsServed(IoModel model, String name, int errno)
      throws Exception {
    FaultyKernel kernel = new FaultyKernel(1, 0);
    Engine engine = open(model, kernel);
    InetSocketAddress server = engine.listen(ANY_PORT, Wordy::new);
    kernel.watchErrno.set(errno);
    kernel.watchFailures.set(1);
    Socket refused = client(server);
    assertEquals("OUT_OF_RESOURCES", new String(refused.getInputStream().readAllBytes(), UTF_8));
    Socket next = client(server);
    next.getOutputStream().write(1);
    assertEquals(1, next.getInputStream().read());
    assertEquals(1, engine.statistics().connections());
  }
}
