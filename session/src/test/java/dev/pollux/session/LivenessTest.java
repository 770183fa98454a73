package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// The verdicts about a peer's silence, for any rules and any way in which it is heard.
class LivenessTest {

  @Provide
  Arbitrary<KeepAlive> rules() {
    Arbitrary<Long> mayBeNone =
        Arbitraries.longs().between(1, 500).map(tens -> tens < 50 ? 0 : tens * 10);
    Arbitrary<Long> some = Arbitraries.longs().between(1, 500).map(tens -> tens * 10);
    return Combinators.combine(mayBeNone, some, mayBeNone)
        .as((interval, timeout, idle) ->
            new KeepAlive(
                Duration.ofMillis(interval),
                Duration.ofMillis(timeout),
                Duration.ofMillis(idle),
                Duration.ofMillis(idle)));
  }

  @Provide
  Arbitrary<List<Boolean>> heard() {
    return Arbitraries.of(true, false).list().ofMinSize(1).ofMaxSize(60);
  }

  @Property
  void aPeerThatIsHeardOfInEachTickIsNeverPingedAndNeverDead(@ForAll("rules") KeepAlive rules) {
    if (rules.tickMillis() > 0) {
      assertEquals(Liveness.LOOK_AGAIN, Liveness.judge(rules, false, 0, 0, 0));
    }
  }

  @Property
  void onlyAnUnansweredPingIsDeathAndAPingComesAfterItsIntervalAndBeforeOneAndAHalf(
      @ForAll("rules") KeepAlive rules, @ForAll("heard") List<Boolean> heard) {
    if (rules.tickMillis() == 0) {
      return;
    }
    int silent = 0;
    boolean pingSent = false;
    for (boolean now : heard) {
      int passed = Liveness.passedMillis(rules, pingSent);
      boolean unanswered = pingSent && !now;
      silent = now ? 0 : silent + passed;
      Liveness verdict = Liveness.judge(rules, unanswered, silent, 0, 0);
      assertEquals(unanswered, verdict == Liveness.DEAD);
      if (verdict == Liveness.PING) {
        long interval = rules.pingInterval().toMillis();
        assertTrue(interval > 0 && silent >= interval, () -> "too early: " + rules);
        assertTrue(
            silent < interval + Math.max(rules.tickMillis(), rules.pingTimeout().toMillis()) + 1,
            () -> "too late: " + rules);
      }
      if (verdict == Liveness.DEAD) {
        return;
      }
      pingSent = verdict == Liveness.PING;
    }
  }

  @Property
  void idleIsJudgedByMessagesAlone(@ForAll("rules") KeepAlive rules) {
    int most = (int) rules.idleTimeout().toMillis();
    if (most > 0) {
      assertEquals(Liveness.IDLE, Liveness.judge(rules, false, 0, most, 0));
      assertNotEquals(Liveness.IDLE, Liveness.judge(rules, false, 0, most - 1, 0));
      assertEquals(Liveness.TOO_SLOW, Liveness.judge(rules, false, 0, 0, most));
      assertNotEquals(Liveness.TOO_SLOW, Liveness.judge(rules, false, 0, 0, most - 1));
    } else {
      assertNotEquals(Liveness.IDLE, Liveness.judge(rules, false, 0, Integer.MAX_VALUE, 0));
      assertNotEquals(Liveness.TOO_SLOW, Liveness.judge(rules, false, 0, 0, Integer.MAX_VALUE));
    }
  }
}
