package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.net.SharedOutput;
import dev.pollux.session.Group;
import dev.pollux.session.KeepAlive;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Messages to everyone in a burst, while everyone is idle: nobody misses one, all have one order,
/// and what they took is given back. The memory is printed.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BurstContractTest {
  private static final int BROADCASTS = 200;
  private static final int READERS = 8;

  /// What the rest of a message is: 256 bytes with its number.
  private static final String REST = "x".repeat(244);

  @ParameterizedTest
  @EnumSource
  void nobodyMissesOneOfABurstFromOneThreadOrFromFour(IoModel model) throws Exception {
    // Beyond FD_SETSIZE select can't watch, and half of the descriptors are the clients'.
    int receivers = model == IoModel.SELECT ? 400 : 2_000;
    long heldBefore = SharedOutput.heldBytes();
    List<RawClient> clients = new ArrayList<>();
    try (PolluxServer server =
            Pollux.server()
                .io(model)
                .loops(2)
                .keepAlive(KeepAlive.NONE)
                .webSocket("/idle", new WebSocketHandler() {})
                .start();
        ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      for (int i = 0; i < receivers; i++) {
        clients.add(new RawClient(server.address(), "/idle"));
      }
      Group everyone = server.everyone();
      Await.until("all are there", () -> everyone.size() == receivers);
      for (int publishers : new int[] {1, 4}) {
        try (Memory memory = new Memory()) {
          List<Callable<Object>> bursts = new ArrayList<>();
          for (int p = 0; p < publishers; p++) {
            int first = p * BROADCASTS / publishers;
            int end = first + BROADCASTS / publishers;
            // Both ways that there are: to the group, and to whom a predicate takes.
            boolean chosen = p % 2 == 1;
            bursts.add(Executors.callable(() -> publish(server, chosen, first, end, receivers)));
          }
          for (Future<Object> burst : threads.invokeAll(bursts)) {
            burst.get();
          }
          // Before the first is read: what is resident is not that of the clients' messages.
          memory.awaitSent(heldBefore);
          allHear(clients, threads, publishers > 1);
          Await.until("all is given back", () -> SharedOutput.heldBytes() == heldBefore);
          assertEquals(0, server.statistics().sessions().dropped());
          memory.print(model, receivers, publishers);
        }
      }
      // Before the server stops, which else waits for their Close.
      for (RawClient client : clients) {
        client.close();
      }
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
    assertEquals(heldBefore, SharedOutput.heldBytes());
  }

  private static void publish(
      PolluxServer server, boolean chosen, int first, int end, int receivers) {
    for (int i = first; i < end; i++) {
      String message = String.format("%12d%s", i, REST);
      if (chosen) {
        assertEquals(receivers, server.broadcastText(message, ws -> true));
      } else {
        assertTrue(server.everyone().sendText(message).isAccepted());
      }
    }
  }

  private static void allHear(
      List<RawClient> clients, ExecutorService threads, boolean severalPublishers)
      throws Exception {
    List<Callable<List<Integer>>> readings = new ArrayList<>();
    for (RawClient client : clients) {
      readings.add(() -> heard(client));
    }
    List<Integer> first = null;
    for (Future<List<Integer>> reading : threads.invokeAll(readings)) {
      List<Integer> heard = reading.get();
      first = first == null ? heard : first;
      assertEquals(first, heard, "one order for all");
    }
    List<Integer> rising = new ArrayList<>();
    for (int i = 0; i < BROADCASTS; i++) {
      rising.add(i);
    }
    assertTrue(first != null);
    assertEquals(rising, severalPublishers ? first.stream().sorted().toList() : first);
  }

  private static List<Integer> heard(RawClient client) throws IOException {
    List<Integer> heard = new ArrayList<>();
    for (int i = 0; i < BROADCASTS; i++) {
      String frame = client.read();
      assertTrue(frame.startsWith("text ") && frame.endsWith(REST), frame);
      heard.add(Integer.parseInt(frame.substring(5, 17).trim()));
    }
    return heard;
  }

  /// What this process holds while nobody reads.
  private static final class Memory implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final long residentBefore = residentBytes();
    private long mostHeld;
    private long mostResident;
    private volatile boolean watching = true;
    private final Thread watcher = Thread.ofPlatform().name("memory").start(this::watch);

    private void watch() {
      while (watching) {
        mostHeld = Math.max(mostHeld, SharedOutput.heldBytes());
        mostResident = Math.max(mostResident, residentBytes());
        LockSupport.parkNanos(1_000_000);
      }
    }

    /// Until the kernel has it all. Where its buffers are too small for that, the rest goes out
    /// when the clients read.
    void awaitSent(long heldBefore) {
      long begin = System.nanoTime();
      while (SharedOutput.heldBytes() != heldBefore && System.nanoTime() - begin < PATIENCE_NANOS) {
        LockSupport.parkNanos(1_000_000);
      }
      close();
    }

    @Override
    public void close() {
      watching = false;
      try {
        watcher.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void print(IoModel model, int receivers, int publishers) {
      System.out.printf(
          "%s: %,d broadcasts of 256 B to %,d idle ones, publishers: %d; resident %,d KiB before,"
              + " at most %,d more; shared messages %,d KiB at most, 0 afterwards%n",
          model.word(),
          BROADCASTS,
          receivers,
          publishers,
          residentBefore / 1024,
          (mostResident - residentBefore) / 1024,
          mostHeld / 1024);
    }

    /// Of proc_pid_statm(5).
    private static long residentBytes() {
      try {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ", 3)[1])
            * 4096;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
