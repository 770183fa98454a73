package dev.pollux.net.internal.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.pollux.net.MemoryBudget;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// What is lent is lent to one: each of two threads writes its own number into what it borrows, and
/// finds it there when it gives it back.
@JCStressTest
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "Each had its own.")
@State
public class SharedPoolStress {
  /// One for all tries: a shared arena for each would be too much.
  private static final SharedPool POOL = new SharedPool(MemoryBudget.ofMachine());

  private static int use(int number) {
    int seen = number;
    for (int i = 0; i < 4 && seen == number; i++) {
      MemorySegment first = POOL.borrow(512);
      MemorySegment second = POOL.borrow(512);
      first.set(JAVA_INT, 0, number);
      second.set(JAVA_INT, 0, -number);
      seen = first.get(JAVA_INT, 0);
      if (second.get(JAVA_INT, 0) != -number) {
        seen = 0;
      }
      POOL.giveBack(first);
      POOL.giveBack(second);
    }
    return seen;
  }

  @Actor
  public void one(II_Result r) {
    r.r1 = use(1);
  }

  @Actor
  public void other(II_Result r) {
    r.r2 = use(2);
  }
}
