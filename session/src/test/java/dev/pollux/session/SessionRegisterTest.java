package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionRegisterTest {
  private final SessionRegister register = new SessionRegister();
  private final Sessions sessions = new Sessions(SessionOptions.defaults(), Bench.NO_OFFLOAD);

  private WebSocketSession added() {
    WebSocketSession session =
        Bench.session(sessions, new FakeConnection(), new WebSocketHandler() {}, false, null);
    register.add(session);
    return session;
  }

  private List<WebSocketSession> added(int count) {
    List<WebSocketSession> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(added());
    }
    return all;
  }

  @Test
  void thoseThatOneThreadOpensStandInTheirOrder() {
    List<WebSocketSession> all = added(1_000);
    assertEquals(all, register.snapshot());
  }

  @Test
  void whoComesNextTakesThePlaceThatWasLeftLast() {
    List<WebSocketSession> all = added(5);
    register.remove(all.get(1));
    register.remove(all.get(3));
    assertEquals(List.of(all.get(0), all.get(2), all.get(4)), register.snapshot());
    all.set(3, added());
    all.set(1, added());
    all.add(added());
    assertEquals(all, register.snapshot());
  }

  @Test
  void theOrderStaysWhenMostHaveLeft() {
    List<WebSocketSession> all = added(1_000);
    List<WebSocketSession> stay = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (i % 10 == 0) {
        stay.add(all.get(i));
      } else {
        register.remove(all.get(i));
      }
    }
    assertEquals(stay, register.snapshot());
    stay.forEach(register::remove);
    assertEquals(List.of(), register.snapshot());
    assertEquals(added(3), register.snapshot());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void holdsWhatWasAddedAndNotRemoved(long seed) {
    Random random = new Random(seed);
    List<WebSocketSession> open = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      // Waves: many come, then many go.
      boolean comes = random.nextInt(10) < (i / 500 % 2 == 0 ? 8 : 2);
      if (comes || open.isEmpty()) {
        open.add(added());
      } else {
        register.remove(open.remove(random.nextInt(open.size())));
      }
      if (i % 100 == 0) {
        holds(open, "seed " + seed + ", step " + i);
      }
    }
    holds(open, "seed " + seed);
  }

  private void holds(List<WebSocketSession> open, String when) {
    List<WebSocketSession> found = register.snapshot();
    assertEquals(open.size(), found.size(), when);
    assertEquals(new HashSet<>(open), new HashSet<>(found), when);
  }

  @Test
  void manyThreadsComeAndGoAndOthersCloseWhatTheyOpened() throws Exception {
    List<Callable<List<WebSocketSession>>> openers = new ArrayList<>();
    for (int thread = 0; thread < 40; thread++) {
      openers.add(() -> {
        List<WebSocketSession> mine = added(200);
        mine.subList(0, 150).forEach(register::remove);
        return mine.subList(150, 200);
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<WebSocketSession> left = new ArrayList<>();
      for (Future<List<WebSocketSession>> one : threads.invokeAll(openers)) {
        left.addAll(one.get());
      }
      holds(left, "after the openers");
      threads.submit(() -> left.forEach(register::remove)).get();
    }
    assertEquals(List.of(), register.snapshot());
  }
}
