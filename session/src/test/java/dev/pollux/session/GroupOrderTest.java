package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.MemoryBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Groups over several owners, with several threads that send to them, join and leave at the same
/// time.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GroupOrderTest {
  private static final int PUBLISHERS = 2;
  private static final int EACH = 10_000;
  private static final OutputPolicy NO_BOUND =
      OutputPolicy.DEFAULT
          .withMaxPendingBytes(Integer.MAX_VALUE / 2)
          .withWatermarks(Integer.MAX_VALUE / 8, Integer.MAX_VALUE / 4);

  private final Sessions sessions =
      new Sessions(
          SessionOptions.defaults().withOutput(NO_BOUND),
          MemoryBudget.ofMachine(),
          Bench.NO_OFFLOAD);
  private final Group group = sessions.newGroup();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger publishing = new AtomicInteger(PUBLISHERS);
  private final CyclicBarrier start = new CyclicBarrier(PUBLISHERS + 1);

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  /// A thread with one session, which runs what comes until nobody publishes any more.
  private final class OwnerThread {
    private final CompletableFuture<WebSocketSession> opened = new CompletableFuture<>();
    private final Future<List<String>> read;
    private final WebSocketSession session;

    OwnerThread() {
      read = threads.submit(this::run);
      session = opened.join();
    }

    private List<String> run() {
      FakeConnection connection = new FakeConnection();
      WebSocketSession made =
          Bench.session(sessions, connection, new WebSocketHandler() {}, false, null);
      connection.open(made);
      opened.complete(made);
      boolean last = false;
      while (!last) {
        last = publishing.get() == 0;
        if (connection.runTasks() == 0) {
          // The publishers are to meet each other.
          LockSupport.parkNanos(1);
        }
        connection.flush();
      }
      return Wire.read(connection.takeSent());
    }
  }

  private Future<?> publisher(Runnable work) {
    return threads.submit(() -> {
      start.await();
      work.run();
      publishing.decrementAndGet();
      return null;
    });
  }

  /// What publisher `p` has sent, in order.
  private static List<String> ofPublisher(List<String> all, String p) {
    return all.stream().filter(text -> text.startsWith("text " + p)).toList();
  }

  private static List<String> numbered(String p) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      all.add("text " + p + i);
    }
    return all;
  }

  private void sendAll(String p) {
    for (int i = 0; i < EACH; i++) {
      assertEquals(SendStatus.ACCEPTED, group.sendText(p + i));
    }
  }

  @Test
  void membersOfAllOwnersAreSentTheSameInTheSameOrder() throws Exception {
    List<OwnerThread> owners = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      owners.add(new OwnerThread());
      group.join(owners.get(i).session);
    }
    Future<?> one = publisher(() -> sendAll("a"));
    Future<?> other = publisher(() -> sendAll("b"));
    start.await();
    one.get();
    other.get();
    List<String> ofFirst = owners.getFirst().read.get();
    assertEquals(numbered("a"), ofPublisher(ofFirst, "a"));
    assertEquals(numbered("b"), ofPublisher(ofFirst, "b"));
    for (OwnerThread owner : owners) {
      assertTrue(ofFirst.equals(owner.read.get()), "all have the same order");
    }
  }

  @Test
  void whoIsPutInGetsWhatTheSameThreadSendsThenAndWhoIsTakenOutDoesNot() throws Exception {
    OwnerThread stays = new OwnerThread();
    OwnerThread comesAndGoes = new OwnerThread();
    group.join(stays.session);
    Future<?> mover =
        publisher(() -> {
          for (int i = 0; i < EACH; i++) {
            group.join(comesAndGoes.session);
            group.sendText("in" + i);
            comesAndGoes.session.sendText("in alone" + i);
            group.leave(comesAndGoes.session);
            group.sendText("out" + i);
            comesAndGoes.session.sendText("out alone" + i);
          }
        });
    Future<?> other = publisher(() -> sendAll("b"));
    start.await();
    mover.get();
    other.get();
    List<String> all = stays.read.get();
    List<String> some = comesAndGoes.read.get();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      expected.add("text in" + i);
      expected.add("text in alone" + i);
      expected.add("text out alone" + i);
    }
    assertEquals(expected, some.stream().filter(text -> !text.startsWith("text b")).toList());
    assertEquals(numbered("b"), ofPublisher(all, "b"));
    // Also what it shares with the one that stays is in the same order.
    int at = 0;
    for (String text : some) {
      if (!text.contains("alone")) {
        while (at < all.size() && !all.get(at).equals(text)) {
          at++;
        }
        assertTrue(at < all.size(), text + " is in another order");
      }
    }
    assertEquals(1, group.size());
  }

  @Test
  void whoJoinsAndSendsInItsOwnTurnIsSentAllOfItInThatOrder() {
    Bench bench = new Bench(new WebSocketHandler() {});
    Group own = bench.sessions.newGroup();
    own.join(bench.ws);
    own.sendText("to the group");
    bench.ws.sendText("alone");
    own.leave(bench.ws);
    own.sendText("not to it");
    bench.ws.sendText("alone again");
    bench.connection.runTasks();
    bench.ws.sendText("at once");
    assertEquals(
        List.of("text to the group", "text alone", "text alone again", "text at once"),
        bench.sent());
  }

  @Test
  void aMemberThatSendsToItsGroupInItsOwnTurnIsSentWhatFollowsBehindThat() {
    Bench bench = new Bench(new WebSocketHandler() {});
    Group own = bench.sessions.newGroup();
    own.join(bench.ws);
    bench.connection.runTasks();
    own.sendText("to the group");
    bench.ws.sendText("alone");
    bench.sessions.everyone().sendText("to all");
    bench.ws.sendText("alone again");
    bench.connection.runTasks();
    assertEquals(
        List.of("text to the group", "text alone", "text to all", "text alone again"),
        bench.sent());
  }
}
