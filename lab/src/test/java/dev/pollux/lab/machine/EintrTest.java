package dev.pollux.lab.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pollux.sys.Errno;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;

class EintrTest {
  private static int retried(Integer... results) {
    ArrayDeque<Integer> left = new ArrayDeque<>(List.of(results));
    int last = Eintr.retried(left::removeFirst);
    assertEquals(0, left.size(), "called no oftener than needed");
    return last;
  }

  @Test
  void aCallThatASignalCutShortIsMadeAgain() {
    assertEquals(3, retried(-Errno.EINTR, -Errno.EINTR, 3));
  }

  @Test
  void everythingElseIsWhatTheCallSaid() {
    assertEquals(0, retried(0));
    assertEquals(-Errno.EAGAIN, retried(-Errno.EAGAIN));
  }
}
