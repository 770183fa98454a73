package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxRing;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Engines that are woken again and again for nothing, and engines that only have much to do.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SpinTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  /// Changes what some calls say.
  private interface Lie {
    Object call(Kernel kernel, String name, Object[] arguments, Object truth);
  }

  private static Kernel lying(Kernel real, Lie lie) {
    return (Kernel)
        Proxy.newProxyInstance(
            SpinTest.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              try {
                Object truth = method.invoke(real, arguments);
                return lie.call(real, method.getName(), arguments, truth);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @ParameterizedTest
  @EnumSource
  void aBusyEngineIsNeverTakenForOneThatSpins(IoModel model) throws Exception {
    List<Socket> clients = new ArrayList<>();
    try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(1))) {
      InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
      long seed = System.nanoTime();
      Random random = new Random(seed);
      for (int i = 0; i < 30; i++) {
        clients.add(new Socket(server.getAddress(), server.getPort()));
      }
      byte[] bytes = new byte[200_000];
      for (int round = 0; round < 300; round++) {
        Socket client = clients.get(random.nextInt(clients.size()));
        int length = round % 20 == 0 ? bytes.length : 1 + random.nextInt(2_000);
        client.getOutputStream().write(bytes, 0, length);
        assertEquals(length, client.getInputStream().readNBytes(length).length, "seed " + seed);
      }
      assertEquals(0, engine.statistics().vainWakeups());
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  /// The others are not held up for a moment: nothing pauses.
  @Test
  void inPollAConnectionThatIsReadyForEverIsEndedAndTheOthersGoOn() throws Exception {
    AtomicInteger deaf = new AtomicInteger(-1);
    EngineOptions options =
        EngineOptions.of(IoModel.POLL)
            .withLoops(1)
            .withKernels(kernel ->
                // The bytes stay where they are, and so does the readiness.
                lying(
                    kernel,
                    (real, name, arguments, truth) -> {
                      if (name.equals("recv") && (int) truth == 7) {
                        deaf.set((int) arguments[0]);
                      }
                      return name.equals("recv") && (int) arguments[0] == deaf.get()
                          ? -Errno.EAGAIN
                          : truth;
                    }));
    try (Engine engine = Engine.open(options)) {
      InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
      try (Socket other = new Socket(server.getAddress(), server.getPort())) {
        Socket client = new Socket(server.getAddress(), server.getPort());
        other.getOutputStream().write(1);
        assertEquals(1, other.getInputStream().read());
        client.getOutputStream().write(new byte[7]);
        Await.until("it is noticed", () -> deaf.get() >= 0);
        client.setSoLinger(true, 0);
        client.close();
        Await.until("it is ended", () -> engine.statistics().connections() == 1);
        assertEquals(1, engine.statistics().vainWakeups());
        other.getOutputStream().write(2);
        assertEquals(2, other.getInputStream().read());
      }
    }
  }

  /// Urgent bytes are reported, and no receive brings them (tcp(7)): by a poller that tells of each
  /// edge, for ever. Wherever they are, the others are served and nothing pauses.
  @ParameterizedTest
  @EnumSource
  void urgentBytesHoldUpNobodyElse(IoModel model) throws Exception {
    try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(1))) {
      InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
      try (Socket other = new Socket(server.getAddress(), server.getPort());
          Socket urgent = new Socket(server.getAddress(), server.getPort())) {
        urgent.setTcpNoDelay(true);
        if (model == IoModel.EPOLL_ET) {
          Await.until(
              "it is ended", () -> !sendsUrgent(urgent) || engine.statistics().connections() == 1);
          Await.until("it is gone", () -> engine.statistics().connections() == 1);
          assertEquals(1, engine.statistics().vainWakeups());
        } else {
          for (int i = 0; i < 500; i++) {
            assertTrue(sendsUrgent(urgent), "it was ended");
          }
        }
        other.getOutputStream().write(2);
        assertEquals(2, other.getInputStream().read());
      }
    }
  }

  private static boolean sendsUrgent(Socket client) {
    try {
      client.sendUrgentData('u');
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aRingWhoseOperationFailsForEverIsNoticed() throws Exception {
    String why = LinuxRing.whyUnavailable();
    assumeTrue(why == null, () -> why);
    int noDescriptor = 1 << 20;
    EngineOptions options =
        EngineOptions.of(IoModel.IO_URING)
            .withLoops(1)
            .withKernels(kernel ->
                lying(
                    kernel,
                    (real, name, arguments, truth) -> {
                      if (!name.equals("eventfd")) {
                        return truth;
                      }
                      // The loop's watch of it fails, and is tried again in each turn.
                      real.close((int) truth);
                      return noDescriptor;
                    }));
    try (Engine engine = Engine.open(options)) {
      Await.until("it is noticed", () -> engine.statistics().vainWakeups() > 3);
    }
  }

  @Test
  void inVirtualAConnectionThatIsReportedForEverPausesAloneAndTheOthersGoOn() throws Exception {
    AtomicLong reported = new AtomicLong();
    EngineOptions options =
        EngineOptions.of(IoModel.VIRTUAL)
            .withKernels(kernel ->
                lying(
                    kernel,
                    (real, name, arguments, truth) -> {
                      if (name.equals("epollCtl")
                          && ((int) arguments[3] & Epoll.EPOLLET) != 0
                          && reported.get() == 0) {
                        reported.set((long) arguments[4]);
                      }
                      if (name.equals("epollWait")
                          && (int) truth == 0
                          && reported.get() != 0
                          && arguments[1] instanceof EpollEvents events) {
                        events.set(0, Epoll.EPOLLIN, reported.get());
                        return 1;
                      }
                      return truth;
                    }));
    try (Engine engine = Engine.open(options)) {
      InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
      try (Socket first = new Socket(server.getAddress(), server.getPort());
          Socket other = new Socket(server.getAddress(), server.getPort())) {
        Await.until("it is noticed", () -> engine.statistics().vainWakeups() > 3);
        other.getOutputStream().write(2);
        assertEquals(2, other.getInputStream().read());
        first.getOutputStream().write(1);
        assertEquals(1, first.getInputStream().read());
        reported.set(0);
      }
    }
  }

  /// An edge-triggered poller tells of each segment that comes, though it has to wait.
  @ParameterizedTest
  @EnumSource
  void aReaderThatIsSuspendedDoesNotSpinBecauseItsPeerGoesOn(IoModel model) throws Exception {
    try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(1))) {
      EchoProtocol deaf =
          new EchoProtocol() {
            @Override
            public void onOpen(Connection connection) {
              connection.suspendReading();
              super.onOpen(connection);
            }
          };
      InetSocketAddress server = engine.listen(ANY_PORT, () -> deaf);
      try (Socket client = new Socket(server.getAddress(), server.getPort())) {
        Connection connection = deaf.opened.get(120, TimeUnit.SECONDS);
        client.setTcpNoDelay(true);
        for (int i = 0; i < 3_000; i++) {
          client.getOutputStream().write(i);
        }
        assertEquals(0, engine.statistics().vainWakeups());
        assertTrue(connection.execute(connection::resumeReading));
        byte[] echoed = client.getInputStream().readNBytes(3_000);
        for (int i = 0; i < 3_000; i++) {
          assertEquals((byte) i, echoed[i]);
        }
      }
    }
  }

  @Test
  void nonblockingTriesInVainByNature() throws Exception {
    try (Engine engine = Engine.open(EngineOptions.of(IoModel.NONBLOCKING));
        Socket client = connected(engine)) {
      client.getOutputStream().write(1);
      assertEquals(1, client.getInputStream().read());
      long wakeups = engine.statistics().wakeups();
      Await.until("it tried much", () -> engine.statistics().wakeups() > wakeups + 10_000);
      assertEquals(0, engine.statistics().vainWakeups());
    }
  }

  private static Socket connected(Engine engine) throws Exception {
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    return new Socket(server.getAddress(), server.getPort());
  }
}
