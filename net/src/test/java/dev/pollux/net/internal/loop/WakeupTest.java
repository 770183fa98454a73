package dev.pollux.net.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.PassingKernel;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.SystemCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // JUnit calls the method before each test
class WakeupTest {
  private final AtomicBoolean throwing = new AtomicBoolean();
  private final Arena arena = Arena.ofConfined();
  private Wakeup wakeup;

  @BeforeEach
  void open() throws IOException {
    wakeup = new Wakeup(new LinuxKernel(arena), arena, mine -> throwing(new LinuxKernel(mine)));
  }

  @AfterEach
  void close() {
    wakeup.close();
    arena.close();
  }

  private Kernel throwing(Kernel kernel) {
    return new PassingKernel(kernel) {
      @Override
      public int write(int fd, MemorySegment buffer, long offset, long length) {
        if (throwing.compareAndSet(true, false)) {
          throw new OutOfMemoryError("thrown on purpose by a test");
        }
        return super.write(fd, buffer, offset, length);
      }
    };
  }

  @Test
  void aLoopThatWaitsIsWokenOnceForAllThatComesMeanwhile() {
    wakeup.wake();
    assertFalse(wakeup.drain(), "it did not wait");
    wakeup.beforeWait();
    wakeup.wake();
    wakeup.wake();
    assertEquals(1, wakeup.ledger().snapshot().calls(SystemCall.WRITE));
    assertTrue(wakeup.drain());
    assertFalse(wakeup.drain());
    wakeup.beforeWait();
    wakeup.afterWait();
    wakeup.wake();
    assertFalse(wakeup.drain(), "it waits no more");
  }

  @Test
  void aCallThatThrowsIsMadeUpForByTheNext() {
    wakeup.beforeWait();
    throwing.set(true);
    assertThrows(OutOfMemoryError.class, wakeup::wake);
    assertFalse(wakeup.drain());
    wakeup.wake();
    assertTrue(wakeup.drain());
  }
}
