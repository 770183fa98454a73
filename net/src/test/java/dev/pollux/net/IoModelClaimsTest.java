package dev.pollux.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.EventFd;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.SyscallLedger;
import dev.pollux.sys.SystemCall;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// What is true of each I/O model and of no other, shown on the real kernel by its own counts.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IoModelClaimsTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final List<AutoCloseable> opened = new ArrayList<>();
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

  private Engine open(EngineOptions options) throws IOException {
    Engine engine = Engine.open(options);
    opened.add(engine);
    return engine;
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

  @Test
  void blockingHasAThreadForEachClientBlockedInRecvOrSend() throws Exception {
    Engine engine = open(EngineOptions.of(IoModel.BLOCKING));
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(client(server));
      assertEchoes(clients.get(i), i);
    }
    Await.until(
        "20 workers sit in recvfrom",
        () ->
            ThreadsOfThisProcess.systemCallsOf("client-").stream()
                    .filter(call -> call == ThreadsOfThisProcess.RECVFROM)
                    .count()
                == 20);
    for (Socket client : clients) {
      String name = "client-" + client.getLocalPort() + "@127.0.0.1";
      assertTrue(
          Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals(name)),
          name);
    }

    Socket slow = clients.get(0);
    Thread writer = Thread.ofPlatform().start(() -> writeUntilRefused(slow));
    String slowWorker = "client-" + slow.getLocalPort();
    Await.until(
        "the worker of the slow client sits in sendto",
        () ->
            ThreadsOfThisProcess.systemCallsOf(slowWorker)
                .equals(List.of(ThreadsOfThisProcess.SENDTO)));
    for (Socket client : clients.subList(1, clients.size())) {
      assertEchoes(client, 7);
    }
    assertEquals(
        List.of(ThreadsOfThisProcess.SENDTO), ThreadsOfThisProcess.systemCallsOf(slowWorker));
    slow.close();
    writer.join();
  }

  private static void writeUntilRefused(Socket socket) {
    byte[] bytes = new byte[64 * 1024];
    try {
      while (true) {
        socket.getOutputStream().write(bytes);
      }
    } catch (IOException e) {
      // The test closes the socket.
    }
  }

  @Test
  void nonblockingBurnsACpuWhileNothingHappensAndEpollDoesNot() throws Exception {
    Engine busy = open(EngineOptions.of(IoModel.NONBLOCKING).withThreadName("busy"));
    Engine calm = open(EngineOptions.of(IoModel.EPOLL).withLoops(1).withThreadName("calm"));
    assertEquals(1, busy.loops());
    InetSocketAddress busyServer = busy.listen(ANY_PORT, EchoProtocol::new);
    InetSocketAddress calmServer = calm.listen(ANY_PORT, EchoProtocol::new);
    for (int i = 0; i < 10; i++) {
      assertEchoes(client(busyServer), i);
      assertEchoes(client(calmServer), i);
    }
    // A send is counted when it has returned, which may be after its echo has come.
    long[] seen = {-1};
    Await.until(
        "the calm loop is at rest",
        () -> seen[0] == (seen[0] = calm.statistics().systemCalls().totalCalls()));
    SyscallLedger.Snapshot start = busy.statistics().systemCalls();
    long calmCalls = calm.statistics().systemCalls().totalCalls();
    long cpu = ThreadsOfThisProcess.cpuNanosOf("busy-");
    long calmCpu = ThreadsOfThisProcess.cpuNanosOf("calm-");
    Await.until(
        "100,000 receives were tried",
        () -> busy.statistics().systemCalls().minus(start).calls(SystemCall.RECV) > 100_000);
    SyscallLedger.Snapshot idle = busy.statistics().systemCalls().minus(start);
    long burned = ThreadsOfThisProcess.cpuNanosOf("busy-") - cpu;
    // Nobody has sent anything: every attempt was in vain.
    long useful = idle.calls(SystemCall.RECV) - idle.wouldBlock(SystemCall.RECV);
    assertTrue(Math.abs(useful) <= 1, "the loop goes on while it is counted: " + useful);
    assertEquals(0, idle.bytes(SystemCall.RECV));
    assertTrue(idle.wouldBlock(SystemCall.ACCEPT4) > 1_000);
    assertEquals(calmCalls, calm.statistics().systemCalls().totalCalls());
    long burnedByCalm = ThreadsOfThisProcess.cpuNanosOf("calm-") - calmCpu;
    assertTrue(burned > 100 * burnedByCalm, burned + " ns of CPU against " + burnedByCalm);
  }

  @ParameterizedTest
  @EnumSource
  void onlySelectHasAWallAtFdSetsize(IoModel model) throws Exception {
    Engine engine = open(EngineOptions.of(model).withLoops(1));
    InetSocketAddress server = engine.listen(ANY_PORT, Wordy::new);
    Socket early = client(server);
    assertEchoes(early, 1);
    try (Arena arena = Arena.ofConfined()) {
      Kernel kernel = new LinuxKernel(arena);
      List<Integer> filling = new ArrayList<>();
      while (filling.isEmpty() || filling.get(filling.size() - 1) < FdSet.FD_SETSIZE) {
        filling.add(kernel.eventfd(0, EventFd.EFD_CLOEXEC));
      }
      try {
        Socket late = client(server);
        if (model == IoModel.SELECT) {
          late.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
          assertEquals(
              "DESCRIPTOR_BEYOND_FD_SETSIZE",
              new String(late.getInputStream().readAllBytes(), UTF_8));
          assertEquals(1, engine.statistics().refused());
        } else {
          assertEchoes(late, 2);
          assertEquals(0, engine.statistics().refused());
        }
        assertEchoes(early, 3);
      } finally {
        filling.forEach(kernel::close);
      }
    }
    assertEchoes(client(server), 4);
  }

  @ParameterizedTest
  @EnumSource(
      value = IoModel.class,
      names = {"POLL", "EPOLL"})
  void fiveThousandConnectionsOnOneLoop(IoModel model) throws Exception {
    Engine engine = open(EngineOptions.of(model).withLoops(1));
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    Process farEnds = FarEnds.start(server.getPort(), 5_000);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(farEnds.getInputStream(), UTF_8))) {
      assertEquals("held 5000", lines.readLine());
      assertEquals(5_000, engine.statistics().connections());
      farEnds.getOutputStream().close();
      assertTrue(farEnds.waitFor(120, TimeUnit.SECONDS));
      assertEquals(0, farEnds.exitValue());
      Await.until("all have gone", () -> engine.statistics().connections() == 0);
    } finally {
      farEnds.destroyForcibly().waitFor();
    }
  }

  @Test
  void oneEchoUnderEpollIsOneWaitOneReceiveOneSend() throws Exception {
    Engine engine = open(EngineOptions.of(IoModel.EPOLL).withLoops(1));
    Socket client = client(engine.listen(ANY_PORT, EchoProtocol::new));
    assertEchoes(client, 0);
    // The loop waits again: what it has called by now belongs to the past.
    SyscallLedger.Snapshot start = settled(() -> engine.statistics().systemCalls());
    for (int i = 0; i < 1_000; i++) {
      assertEchoes(client, i & 0x7f);
    }
    SyscallLedger.Snapshot calls = settled(() -> engine.statistics().systemCalls()).minus(start);
    assertEquals(1_000, calls.calls(SystemCall.EPOLL_WAIT));
    assertEquals(1_000, calls.calls(SystemCall.RECV));
    assertEquals(1_000, calls.calls(SystemCall.SEND));
    assertEquals(3_000, calls.totalCalls());
  }

  /// A count that has stopped to change, because the loop has nothing to do.
  private static SyscallLedger.Snapshot settled(Supplier<SyscallLedger.Snapshot> counts) {
    long[] last = {-1};
    int[] same = {0};
    Await.until(
        "the loop has come to rest",
        () -> {
          long now = counts.get().totalCalls();
          same[0] = now == last[0] ? same[0] + 1 : 0;
          last[0] = now;
          return same[0] >= 20;
        });
    return counts.get();
  }

  @ParameterizedTest
  @EnumSource(
      value = IoModel.class,
      names = {"EPOLL", "EPOLL_ET"})
  void epollCtlIsCalledOnlyWhenInterestChanges(IoModel model) throws Exception {
    Engine engine = open(EngineOptions.of(model).withLoops(1));
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    SyscallLedger.Snapshot start = settled(() -> engine.statistics().systemCalls());
    Socket client = client(server);
    for (int i = 0; i < 500; i++) {
      assertEchoes(client, i & 0x7f);
    }
    assertEquals(
        1, engine.statistics().systemCalls().minus(start).calls(SystemCall.EPOLL_CTL), "to add it");

    Thread writer = Thread.ofPlatform().start(() -> writeUntilRefused(client));
    SyscallLedger.Snapshot blocked = settled(() -> engine.statistics().systemCalls()).minus(start);
    if (model == IoModel.EPOLL_ET) {
      assertEquals(
          1, blocked.calls(SystemCall.EPOLL_CTL), "told of both directions from the start");
    } else {
      assertTrue(blocked.calls(SystemCall.EPOLL_CTL) > 1, "to be told of room");
    }
    client.close();
    writer.join();
  }

  @Test
  void anEdgeTriggeredConnectionDrainsUntilEagain() throws Exception {
    Engine engine =
        open(EngineOptions.of(IoModel.EPOLL_ET).withLoops(1).withReceiveBufferBytes(512));
    Socket client = client(engine.listen(ANY_PORT, EchoProtocol::new));
    assertEchoes(client, 1);
    SyscallLedger.Snapshot start = settled(() -> engine.statistics().systemCalls());
    // Far more than it receives in a row for one connection: 16 buffers of 512 bytes.
    byte[] sent = new byte[200 * 512];
    client.getOutputStream().write(sent);
    assertEquals(sent.length, client.getInputStream().readNBytes(sent.length).length);
    SyscallLedger.Snapshot calls = settled(() -> engine.statistics().systemCalls()).minus(start);
    assertTrue(calls.wouldBlock(SystemCall.RECV) >= 1, "the last receive says EAGAIN");
    assertTrue(calls.calls(SystemCall.RECV) > 200);
    assertEquals(0, calls.calls(SystemCall.EPOLL_CTL));
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"BLOCKING", "VIRTUAL"})
  void connectionsGoToTheLeastLoadedLoop(IoModel model) throws Exception {
    // Time stands still, so that no loop is seen to lag, however busy the machine is.
    long now = System.nanoTime();
    Engine engine = open(EngineOptions.of(model).withLoops(2).withNanoClock(() -> now));
    ConcurrentLinkedQueue<String> owners = new ConcurrentLinkedQueue<>();
    InetSocketAddress server =
        engine.listen(
            ANY_PORT,
            () ->
                new EchoProtocol() {
                  @Override
                  public void onOpen(Connection connection) {
                    owners.add(Thread.currentThread().getName());
                  }
                });
    for (int i = 0; i < 40; i++) {
      assertEchoes(client(server), i);
    }
    assertEquals(40, owners.size());
    assertEquals(20, Collections.frequency(owners, "pollux-" + engine.model() + "-0"));
    assertEquals(20, Collections.frequency(owners, "pollux-" + engine.model() + "-1"));
  }

  @Test
  void selectRebuildsItsSetsForEveryCallAndHandsThemOver() throws Exception {
    Engine engine = open(EngineOptions.of(IoModel.SELECT).withLoops(1));
    Socket client = client(engine.listen(ANY_PORT, EchoProtocol::new));
    assertEchoes(client, 0);
    SyscallLedger.Snapshot start = settled(() -> engine.statistics().systemCalls());
    for (int i = 0; i < 100; i++) {
      assertEchoes(client, i);
    }
    SyscallLedger.Snapshot calls = settled(() -> engine.statistics().systemCalls()).minus(start);
    assertEquals(100, calls.calls(SystemCall.SELECT));
    assertTrue(calls.bytes(SystemCall.SELECT) >= 100 * 2 * Long.BYTES, "two sets at each call");
    assertFalse(calls.calls(SystemCall.RECV) > 100, "only what is ready is received from");
  }
}
