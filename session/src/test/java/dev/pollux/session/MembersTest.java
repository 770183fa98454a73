package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.MemoryBudget;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MembersTest {
  private final Members members = new Members();
  private final Sessions sessions =
      new Sessions(SessionOptions.defaults(), MemoryBudget.ofMachine(), Bench.NO_OFFLOAD);

  private WebSocketSession added() {
    WebSocketSession session =
        Bench.session(sessions, new FakeConnection(), new WebSocketHandler() {}, false, null);
    members.add(session, null);
    return session;
  }

  private List<WebSocketSession> added(int count) {
    List<WebSocketSession> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(added());
    }
    return all;
  }

  private void remove(WebSocketSession session) {
    members.remove(session.placeAmongAll);
  }

  private List<WebSocketSession> snapshot() {
    List<WebSocketSession> all = new ArrayList<>();
    members.copyTo(all);
    List<WebSocketSession> walked = new ArrayList<>();
    for (int i = 0; i < members.end(); i++) {
      WebSocketSession session = members.at(i);
      if (session != null) {
        walked.add(session);
      }
    }
    assertEquals(walked, all);
    assertEquals(walked.size(), members.count());
    return all;
  }

  @Test
  void thoseThatOneThreadOpensStandInTheirOrder() {
    List<WebSocketSession> all = added(1_000);
    assertEquals(all, snapshot());
  }

  @Test
  void whoComesNextTakesThePlaceThatWasLeftLast() {
    List<WebSocketSession> all = added(5);
    remove(all.get(1));
    remove(all.get(3));
    assertEquals(List.of(all.get(0), all.get(2), all.get(4)), snapshot());
    all.set(3, added());
    all.set(1, added());
    all.add(added());
    assertEquals(all, snapshot());
  }

  @Test
  void theOrderStaysWhenMostHaveLeft() {
    List<WebSocketSession> all = added(1_000);
    List<WebSocketSession> stay = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (i % 10 == 0) {
        stay.add(all.get(i));
      } else {
        remove(all.get(i));
      }
    }
    assertEquals(stay, snapshot());
    stay.forEach(this::remove);
    assertEquals(List.of(), snapshot());
    assertEquals(added(3), snapshot());
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
        remove(open.remove(random.nextInt(open.size())));
      }
      if (i % 100 == 0) {
        holds(open, "seed " + seed + ", step " + i);
      }
    }
    holds(open, "seed " + seed);
  }

  private void holds(List<WebSocketSession> open, String when) {
    List<WebSocketSession> found = snapshot();
    assertEquals(open.size(), found.size(), when);
    assertEquals(new HashSet<>(open), new HashSet<>(found), when);
  }

  @Test
  void othersTakeCopiesWhileTheOwnerChangesThem() throws Exception {
    List<WebSocketSession> stay = added(100);
    AtomicBoolean over = new AtomicBoolean();
    FutureTask<Integer> copies =
        new FutureTask<>(() -> {
          int count = 0;
          for (boolean last = false; !last; count++) {
            last = over.get();
            List<WebSocketSession> seen = new ArrayList<>();
            members.copyTo(seen);
            assertTrue(seen.containsAll(stay), "who stays is always there");
            assertEquals(seen.size(), new HashSet<>(seen).size(), "nobody is there twice");
          }
          return count;
        });
    Thread.ofPlatform().start(copies);
    for (int i = 0; i < 300; i++) {
      added(50).forEach(this::remove);
    }
    over.set(true);
    assertTrue(copies.get() > 0);
    assertEquals(stay, snapshot());
  }

  @Test
  void aMembershipKnowsItsPlaceAlsoAfterManyHaveLeft() {
    GroupSlot slot = new GroupSlot(new SessionGroup(sessions), new FakeConnection());
    List<Membership> all = new ArrayList<>();
    List<WebSocketSession> whose = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      WebSocketSession session =
          Bench.session(sessions, new FakeConnection(), new WebSocketHandler() {}, false, null);
      Membership membership = new Membership(slot, null);
      members.add(session, membership);
      all.add(membership);
      whose.add(session);
    }
    for (int i = 0; i < 90; i++) {
      members.remove(all.get(i).place);
    }
    for (int i = 90; i < 100; i++) {
      assertSame(whose.get(i), members.at(all.get(i).place));
    }
  }
}
