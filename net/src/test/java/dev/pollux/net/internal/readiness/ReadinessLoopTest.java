package dev.pollux.net.internal.readiness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.Owner;
import dev.pollux.net.OwnerLocal;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.time.TimingWheel;
import dev.pollux.sys.EventFd;
import dev.pollux.sys.LinuxKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A loop turned by hand, on the thread of the test.
class ReadinessLoopTest {
  private long now;

  private ReadinessLoop loop() throws Exception {
    EngineOptions options = EngineOptions.of(IoModel.EPOLL).withNanoClock(() -> now);
    return new ReadinessLoop(
        options,
        LinuxKernel::new,
        (kernel, arena) -> new EpollPoller(kernel, arena, false),
        new RateLimitedLog(System.getLogger("dev.pollux.net"), () -> now));
  }

  @Test
  void aTurnRunsTasksInOrderOnTheThreadThatMadeTheLoop() throws Exception {
    ReadinessLoop loop = loop();
    List<Integer> ran = new ArrayList<>();
    Thread other =
        Thread.ofPlatform().start(() -> assertTrue(loop.owner().enter(() -> ran.add(1))));
    other.join();
    assertTrue(loop.owner().enter(() -> ran.add(2)));
    assertEquals(List.of(), ran);
    loop.turn(0);
    assertEquals(List.of(1, 2), ran);
    end(loop);
  }

  @Test
  void anEntryThatComesBackAgainAndAgainDoesNotKeepTheTurn() throws Exception {
    ReadinessLoop loop = loop();
    int[] ran = new int[1];
    Runnable again =
        new Runnable() {
          @Override
          public void run() {
            ran[0]++;
            loop.owner().enter(this);
          }
        };
    loop.owner().enter(again);
    loop.turn(0);
    assertEquals(1, ran[0]);
    loop.turn(0);
    assertEquals(2, ran[0]);
    end(loop);
  }

  @Test
  void anyNumberOfTimersOfItsOwnFollowTheClock() throws Exception {
    ReadinessLoop loop = loop();
    List<Integer> over = new ArrayList<>();
    List<Owner.Timer> timers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      timers.add(loop.owner().schedule(3_600_000_000_000L, () -> over.add(number)));
    }
    timers.get(7).cancel();
    timers.get(7).cancel();
    loop.turn(0);
    assertEquals(List.of(), over);
    now += 3_600_000_000_000L + (1L << TimingWheel.TICK_SHIFT);
    loop.turn(0);
    assertEquals(99, over.size());
    assertFalse(over.contains(7));
    timers.get(8).cancel();
    // Its place is somebody else's now, whom an old timer can't take back.
    loop.owner().schedule(1, () -> over.add(1_000));
    timers.forEach(Owner.Timer::cancel);
    now += 1L << (TimingWheel.TICK_SHIFT + 1);
    loop.turn(0);
    assertTrue(over.contains(1_000));
    end(loop);
  }

  @Test
  void aTimerThatThrowsIsCountedAndTheOthersAreToldOf() throws Exception {
    ReadinessLoop loop = loop();
    int[] ran = new int[1];
    loop.owner()
        .schedule(
            0,
            () -> {
              throw new AssertionError("thrown on purpose by a test");
            });
    loop.owner().schedule(0, () -> ran[0]++);
    now += 1L << (TimingWheel.TICK_SHIFT + 1);
    loop.turn(0);
    assertEquals(1, ran[0]);
    assertEquals(1, loop.statistics().failures());
    end(loop);
  }

  @Test
  void whatIsKeptForAKeyIsMadeOnceForEachLoop() throws Exception {
    ReadinessLoop loop = loop();
    ReadinessLoop another = loop();
    OwnerLocal<List<Owner>> first = new OwnerLocal<>(owner -> new ArrayList<>(List.of(owner)));
    OwnerLocal<String> second = new OwnerLocal<>(owner -> "second");
    List<Owner> kept = loop.owner().local(first);
    assertEquals(List.of(loop.owner()), kept);
    assertEquals("second", loop.owner().local(second));
    assertSame(kept, loop.owner().local(first));
    assertSame(kept, loop.owner().local(first));
    assertEquals("second", loop.owner().local(second));
    assertNotSame(kept, another.owner().local(first));
    end(loop);
    end(another);
  }

  @Test
  void timersFollowTheClockThatIsHandedIn() throws Exception {
    ReadinessLoop loop = loop();
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
    ReadinessLoop loop = loop();
    int[] ran = new int[1];
    loop.owner()
        .enter(() -> {
          throw new IllegalStateException("thrown on purpose by a test");
        });
    loop.owner().enter(() -> ran[0]++);
    loop.turn(0);
    assertEquals(1, ran[0]);
    assertEquals(1, loop.statistics().failures());
    end(loop);
  }

  private static void end(ReadinessLoop loop) {
    loop.stop();
    loop.run();
    assertFalse(loop.owner().enter(() -> {}));
  }
}
