package dev.pollux.net.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.sys.EventFd;
import dev.pollux.sys.LinuxKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A loop turned by hand, on the thread of the test.
class ReadinessLoopTest {
  private long now;

  private ReadinessLoop loop(int mailboxCapacity) throws Exception {
    EngineOptions options =
        EngineOptions.of(IoModel.EPOLL)
            .withNanoClock(() -> now)
            .withMailboxCapacity(mailboxCapacity);
    return new ReadinessLoop(
        options,
        LinuxKernel::new,
        (kernel, arena) -> new EpollPoller(kernel, arena, false),
        new RateLimitedLog(System.getLogger("dev.pollux.net"), () -> now));
  }

  @Test
  void aTurnRunsTasksInOrderOnTheThreadThatMadeTheLoop() throws Exception {
    ReadinessLoop loop = loop(16);
    List<Integer> ran = new ArrayList<>();
    Thread other = Thread.ofPlatform().start(() -> assertTrue(loop.execute(() -> ran.add(1))));
    other.join();
    assertTrue(loop.execute(() -> ran.add(2)));
    assertEquals(List.of(), ran);
    loop.turn(0);
    assertEquals(List.of(1, 2), ran);
    end(loop);
  }

  @Test
  void aFullMailboxIsReportedAndNotBlockedOn() throws Exception {
    ReadinessLoop loop = loop(2);
    assertTrue(loop.execute(() -> {}));
    assertTrue(loop.execute(() -> {}));
    assertFalse(loop.execute(() -> {}));
    loop.turn(0);
    assertTrue(loop.execute(() -> {}));
    end(loop);
  }

  @Test
  void timersFollowTheClockThatIsHandedIn() throws Exception {
    ReadinessLoop loop = loop(16);
    int[] fired = new int[1];
    loop.watches()
        .watchOwn(
            openEventFd(loop),
            new Watched() {
              @Override
              public void onReady(int readiness) {}

              @Override
              public void onTimer() {
                fired[0]++;
              }
            });
    loop.watches().setTimer(lastFd, 3_600_000_000_000L);
    loop.turn(0);
    assertEquals(0, fired[0]);
    now += 3_600_000_000_000L + (1L << TimingWheel.TICK_SHIFT);
    loop.turn(0);
    assertEquals(1, fired[0]);
    loop.kernel().close(lastFd);
    end(loop);
  }

  private int lastFd;

  private int openEventFd(ReadinessLoop loop) {
    lastFd = loop.kernel().eventfd(0, EventFd.EFD_CLOEXEC);
    return lastFd;
  }

  @Test
  void aTaskThatThrowsIsCountedAndTheLoopGoesOn() throws Exception {
    ReadinessLoop loop = loop(16);
    int[] ran = new int[1];
    loop.execute(() -> {
      throw new IllegalStateException("thrown on purpose by a test");
    });
    loop.execute(() -> ran[0]++);
    loop.turn(0);
    assertEquals(1, ran[0]);
    assertEquals(1, loop.statistics().failures());
    end(loop);
  }

  private static void end(ReadinessLoop loop) {
    loop.stop();
    loop.run();
    assertFalse(loop.execute(() -> {}));
  }
}
