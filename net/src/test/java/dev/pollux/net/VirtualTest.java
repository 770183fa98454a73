package dev.pollux.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.SystemCall;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is true of `virtual` only.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtualTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private OwnResources before = OwnResources.now();

  @BeforeEach
  void count() {
    before = OwnResources.now();
  }

  @AfterEach
  void leavesNothingBehind() {
    before.assertNothingMoreThanThis();
  }

  private static void assertEchoes(Socket client, int value) throws IOException {
    client.getOutputStream().write(value);
    assertEquals(value, client.getInputStream().read());
  }

  @Test
  void tenThousandVirtualThreadsAreParkedAtOnceInLittleMemory() throws Exception {
    int count = 10_000;
    try (Engine engine = Engine.open(EngineOptions.of(IoModel.VIRTUAL))) {
      InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
      // Frames of compiled code are smaller than those of a JVM that has just begun.
      try (Socket client = new Socket(server.getAddress(), server.getPort())) {
        for (int i = 0; i < 20_000; i++) {
          assertEchoes(client, i & 0x7f);
        }
      }
      long heap = liveHeapBytes();
      int platformThreads = ManagementFactory.getThreadMXBean().getThreadCount();
      Process farEnds = FarEnds.start(server.getPort(), count);
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(farEnds.getInputStream(), UTF_8))) {
        assertEquals("held " + count, lines.readLine());
        assertEquals(count, engine.statistics().connections());
        long each = (liveHeapBytes() - heap) / count;
        System.out.println("live heap per idle connection in virtual: " + each + " bytes");
        assertTrue(each <= 3 * 1024, each + " bytes of live heap per idle connection");
        int more = ManagementFactory.getThreadMXBean().getThreadCount() - platformThreads;
        assertTrue(more <= 20, more + " platform threads more than before");
        farEnds.getOutputStream().close();
        assertTrue(farEnds.waitFor(120, TimeUnit.SECONDS));
        Await.until("all have gone", () -> engine.statistics().connections() == 0);
      } finally {
        farEnds.destroyForcibly().waitFor();
      }
    }
  }

  private static long liveHeapBytes() {
    // Twice: what the first one found unreachable may have been kept by a cleaner.
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void aHandlerMayBlockAndHoldsUpItsOwnClientOnly() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    int inside = Blocking.inside.get();
    List<Socket> blocked = new ArrayList<>();
    try (Engine engine = Engine.open(EngineOptions.of(IoModel.VIRTUAL))) {
      InetSocketAddress server = engine.listen(ANY_PORT, () -> new Blocking(goOn));
      try (Socket free = new Socket(server.getAddress(), server.getPort())) {
        // Far more than there are carriers.
        for (int i = 0; i < 100; i++) {
          Socket client = new Socket(server.getAddress(), server.getPort());
          client.getOutputStream().write('b');
          blocked.add(client);
        }
        Await.until("all handlers block", () -> Blocking.inside.get() == inside + 100);
        assertEchoes(free, 1);
        goOn.countDown();
        for (Socket client : blocked) {
          assertEquals('b', client.getInputStream().read());
          assertEchoes(client, 2);
        }
      } finally {
        goOn.countDown();
        for (Socket client : blocked) {
          client.close();
        }
      }
    }
  }

  /// What tcp(7) says of urgent data: a receive ends before it, whatever lies behind it.
  @Test
  void whatLiesBehindUrgentDataIsReceivedToo() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    int inside = Blocking.inside.get();
    try (Engine engine = Engine.open(EngineOptions.of(IoModel.VIRTUAL))) {
      InetSocketAddress server = engine.listen(ANY_PORT, () -> new Blocking(goOn));
      try (Socket client = new Socket(server.getAddress(), server.getPort())) {
        client.getOutputStream().write('b');
        Await.until("the handler blocks", () -> Blocking.inside.get() == inside + 1);
        client.getOutputStream().write('1');
        client.sendUrgentData('!');
        client.getOutputStream().write('2');
        goOn.countDown();
        assertEquals("b12", new String(client.getInputStream().readNBytes(3), UTF_8));
        assertEchoes(client, 3);
      } finally {
        goOn.countDown();
      }
    }
  }

  @Test
  void whoReceivesLessThanItAskedForAsksAgainOnlyWhenToldTo() throws Exception {
    int messages = 1_000;
    try (Engine engine = Engine.open(EngineOptions.of(IoModel.VIRTUAL))) {
      InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
      try (Socket client = new Socket(server.getAddress(), server.getPort())) {
        for (int i = 0; i < messages; i++) {
          assertEchoes(client, i & 0x7f);
        }
        long receives = engine.statistics().systemCalls().calls(SystemCall.RECV);
        assertTrue(receives < messages + messages / 10, receives + " receives");
      }
    }
  }

  @Test
  void theEngineEndsAlsoIfTheCallThatWakesItsSentryThrows() throws Exception {
    Snare snare = new Snare();
    Engine engine = Engine.open(EngineOptions.of(IoModel.VIRTUAL).withKernels(snare::around));
    try (engine) {
      snare.set(SystemCall.WRITE, Snare.ANY, Trouble.OUT_OF_MEMORY);
    }
    assertFalse(snare.isSet(), "it was thrown");
  }

  @Test
  void aConnectionGoesFromThreadToThreadAndNoticesNothing() throws Exception {
    WhereItRuns protocol = new WhereItRuns();
    Engine engine = Engine.open(EngineOptions.of(IoModel.VIRTUAL));
    try (engine) {
      InetSocketAddress server = engine.listen(ANY_PORT, () -> protocol);
      try (Socket client = new Socket(server.getAddress(), server.getPort())) {
        for (int i = 0; i < 5_000; i++) {
          assertEchoes(client, i & 0x7f);
        }
        assertTrue(protocol.threads.size() > 1, "it had one thread only");
        assertEquals(1, protocol.threads.stream().map(Thread::getName).distinct().count());
        assertEquals(1, engine.statistics().connections());
        assertFalse(protocol.closed.isDone());
        engine.close();
        assertEquals(-1, client.getInputStream().read());
      }
    }
    assertEquals(CloseReason.ENGINE_CLOSED, protocol.closed.get(120, TimeUnit.SECONDS));
    Await.until(
        "all its threads have ended", () -> protocol.threads.stream().noneMatch(Thread::isAlive));
  }

  /// Remembers the threads that it is called by.
  private static final class WhereItRuns extends EchoProtocol {
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    @Override
    public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
      threads.add(Thread.currentThread());
      super.onBytes(connection, buffer, offset, length);
    }
  }

  private static final class Blocking extends EchoProtocol {
    static final AtomicInteger inside = new AtomicInteger();

    private final CountDownLatch goOn;

    Blocking(CountDownLatch goOn) {
      this.goOn = goOn;
    }

    @Override
    public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
      if (buffer.get(ValueLayout.JAVA_BYTE, offset) == 'b') {
        inside.incrementAndGet();
        try {
          goOn.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      super.onBytes(connection, buffer, offset, length);
    }
  }
}
