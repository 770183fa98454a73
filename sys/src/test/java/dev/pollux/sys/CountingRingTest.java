package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/// The counting ring over one that looks at the ledger while it is called; RingTest has it over the
/// kernel's.
class CountingRingTest {
  private final SyscallLedger ledger = new SyscallLedger();
  private long callsSeen = -1;
  private int answer;

  @Test
  void whatOthersNoticeIsCountedBeforeItIsMade() {
    Ring ring = new CountingRing(looking(), ledger);
    answer = 3;
    assertEquals(3, ring.enter(1, 0));
    assertEquals(1, callsSeen);
    answer = -Errno.ETIME;
    assertEquals(-Errno.ETIME, ring.enter(1, 0));
    assertEquals(2, callsSeen);
    SyscallLedger.Snapshot counted = ledger.snapshot();
    assertEquals(2, counted.calls(SystemCall.IO_URING_ENTER));
    assertEquals(1, counted.failures(SystemCall.IO_URING_ENTER));
    assertEquals(0, counted.bytes(SystemCall.IO_URING_ENTER));
  }

  private Ring looking() {
    return (Ring)
        Proxy.newProxyInstance(
            CountingRingTest.class.getClassLoader(),
            new Class<?>[] {Ring.class},
            (proxy, method, arguments) -> {
              callsSeen = ledger.snapshot().calls(SystemCall.IO_URING_ENTER);
              return answer;
            });
  }
}
