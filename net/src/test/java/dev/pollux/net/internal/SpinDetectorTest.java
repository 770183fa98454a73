package dev.pollux.net.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.internal.loop.DescriptorKey;
import dev.pollux.net.internal.readiness.EpollPoller;
import dev.pollux.net.internal.readiness.Interest;
import dev.pollux.net.internal.readiness.Poller;
import dev.pollux.net.internal.readiness.ReadinessLoop;
import dev.pollux.sys.EventFd;
import dev.pollux.sys.LinuxKernel;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SpinDetectorTest {
  private final List<String> logged = new ArrayList<>();
  private final List<Long> pauses = new ArrayList<>();
  private long now;

  private final Logger logger =
      new Logger() {
        @Override
        public String getName() {
          return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
          return true;
        }

        @Override
        public void log(
            Level level,
            @Nullable ResourceBundle bundle,
            @Nullable String message,
            @Nullable Throwable thrown) {
          logged.add(String.valueOf(message));
        }

        @Override
        public void log(
            Level level,
            @Nullable ResourceBundle bundle,
            @Nullable String format,
            @Nullable Object... parameters) {
          logged.add(String.valueOf(format));
        }
      };

  private final RateLimitedLog log = new RateLimitedLog(logger, () -> now);

  @Test
  void beyondWhatIsToleratedEachWakeUpIsCountedAndThePauseDoublesToABound() {
    SpinDetector spins =
        new SpinDetector(3, log, (what, reported) -> "it", what -> false, pauses::add);
    for (int i = 0; i < 3; i++) {
      spins.afterWakeup();
    }
    assertEquals(0, spins.count());
    assertEquals(List.of(), pauses);
    for (int i = 0; i < 9; i++) {
      spins.afterWakeup();
    }
    assertEquals(9, spins.count());
    assertEquals(
        List.of(1L, 2L, 4L, 8L, 16L, 32L, 64L, 100L, 100L),
        pauses.stream().map(nanos -> nanos / 1_000_000).toList());
    assertEquals(1, logged.size(), "at most one a second");
    now += 1_000_000_000;
    spins.afterWakeup();
    assertTrue(logged.get(1).endsWith("(and 8 more like it)"), logged.get(1));
  }

  @Test
  void whoIsToBlameIsEndedInsteadOfAPause() {
    List<Long> ended = new ArrayList<>();
    SpinDetector spins =
        new SpinDetector(3, log, (what, reported) -> "it", ended::add, pauses::add);
    for (int i = 0; i < 8; i++) {
      spins.reported(i, 0);
      spins.afterWakeup();
    }
    assertEquals(List.of(3L, 7L), ended);
    assertEquals(List.of(), pauses);
    assertEquals(2, spins.count());
    assertTrue(logged.getFirst().endsWith("nothing comes of it; it is ended"), logged.getFirst());
  }

  @Test
  void anyProgressBeginsAnew() {
    SpinDetector spins =
        new SpinDetector(3, log, (what, reported) -> "it", what -> false, pauses::add);
    for (int i = 0; i < 1_000; i++) {
      if (i % 3 == 0) {
        spins.progress();
      }
      spins.afterWakeup();
    }
    assertEquals(0, spins.count());
    for (int i = 0; i < 5; i++) {
      spins.afterWakeup();
    }
    assertTrue(spins.count() > 0);
    pauses.clear();
    spins.progress();
    for (int i = 0; i < 5; i++) {
      spins.afterWakeup();
    }
    assertEquals(1_000_000L, pauses.getFirst());
  }

  /// An eventfd that is never read is ready for ever, for a level-triggered poller of the kernel.
  @Test
  void aLoopNamesTheDescriptorThatIsReadyForEver() throws Exception {
    ReadinessLoop loop = loop((kernel, arena) -> new EpollPoller(kernel, arena, false));
    int fd = loop.kernel().eventfd(1, EventFd.EFD_CLOEXEC);
    loop.watches().watchOwn(fd, readiness -> {});
    for (int i = 0; i < SpinDetector.LOOP_TOLERATES; i++) {
      loop.turn(Long.MAX_VALUE);
    }
    assertEquals(0, loop.statistics().vainWakeups());
    loop.turn(Long.MAX_VALUE);
    assertEquals(1, loop.statistics().vainWakeups());
    assertTrue(
        logged.getFirst().contains("descriptor " + fd + " is reported ready (read), and nothing"),
        logged.getFirst());

    loop.owner().enter(() -> {});
    loop.turn(Long.MAX_VALUE);
    loop.turn(Long.MAX_VALUE);
    assertEquals(1, loop.statistics().vainWakeups(), "a task ran meanwhile");
    loop.kernel().close(fd);
    end(loop);
  }

  @Test
  void aLoopNamesADescriptorThatIsReportedThoughItIsClosed() throws Exception {
    ReadinessLoop loop =
        loop((kernel, arena) ->
            new Poller() {
              @Override
              public int add(long key, int interest) {
                return 0;
              }

              @Override
              public int modify(long key, int interest) {
                return 0;
              }

              @Override
              public void remove(long key) {}

              @Override
              public int await(long timeoutNanos, ReadySink sink) {
                sink.onReady(DescriptorKey.of(77, 5), Interest.HANGUP);
                return 1;
              }
            });
    for (int i = 0; i <= SpinDetector.LOOP_TOLERATES; i++) {
      loop.turn(Long.MAX_VALUE);
    }
    assertEquals(1, loop.statistics().vainWakeups());
    assertTrue(
        logged
            .getFirst()
            .contains("descriptor 77 is reported ready (hang-up) though it was closed"),
        logged.getFirst());
    end(loop);
  }

  private ReadinessLoop loop(ReadinessLoop.PollerFactory pollers) throws Exception {
    EngineOptions options = EngineOptions.of(IoModel.EPOLL).withNanoClock(() -> now);
    return new ReadinessLoop(options, LinuxKernel::new, pollers, log);
  }

  private static void end(ReadinessLoop loop) {
    loop.stop();
    loop.run();
  }
}
