package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pollux.sys.Sockets.Pair;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What Java's memory rules forbid does not reach the kernel.
@KernelTest
class BufferSafetyTest {

  private final Sockets sockets = new Sockets();
  private final Kernel kernel = sockets.kernel;
  private final Pair pair = sockets.pair();
  private final MemorySegment buffer = sockets.arena.allocate(8);

  @AfterEach
  void close() {
    assertEquals(0, sockets.ready(pair.second(), PollFds.POLLIN), "something was sent");
    sockets.close();
  }

  @Test
  void aRangeOutsideTheBufferIsRefused() {
    int fd = pair.first();
    assertThrows(IndexOutOfBoundsException.class, () -> kernel.send(fd, buffer, 0, 9, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> kernel.send(fd, buffer, 7, 2, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> kernel.send(fd, buffer, -1, 2, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> kernel.send(fd, buffer, 0, -1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> kernel.write(fd, buffer, 1, 8));
    assertThrows(
        IndexOutOfBoundsException.class, () -> kernel.send(fd, buffer, 1, Long.MAX_VALUE, 0));
  }

  @Test
  void memoryOfAClosedArenaIsRefused() {
    MemorySegment gone;
    IoVector vector = IoVector.allocate(sockets.arena, 1);
    try (Arena other = Arena.ofConfined()) {
      gone = other.allocate(8);
      vector.add(gone, 0, 8);
    }
    int fd = pair.first();
    assertThrows(IllegalStateException.class, () -> kernel.send(fd, gone, 0, 8, 0));
    assertThrows(IllegalStateException.class, () -> kernel.recv(fd, gone, 0));
    assertThrows(IllegalStateException.class, () -> kernel.sendmsg(fd, vector, 0));
    assertThrows(IllegalStateException.class, () -> kernel.writev(fd, vector));
  }

  @Test
  void aVectorOfAClosedArenaIsRefused() {
    IoVector vector;
    try (Arena other = Arena.ofConfined()) {
      vector = IoVector.allocate(other, 1);
      vector.add(buffer, 0, 8);
    }
    assertThrows(IllegalStateException.class, () -> kernel.sendmsg(pair.first(), vector, 0));
  }

  @Test
  void memoryOnTheHeapIsRefused() {
    MemorySegment heap = MemorySegment.ofArray(new byte[8]);
    assertThrows(IllegalArgumentException.class, () -> kernel.send(pair.first(), heap, 0, 8, 0));
  }

  @Test
  void theKernelWritesIntoNoReadOnlyMemory() {
    MemorySegment readOnly = buffer.asReadOnly();
    assertThrows(
        IllegalArgumentException.class,
        () -> kernel.recv(pair.first(), readOnly, Socket.MSG_DONTWAIT));
    assertThrows(IllegalArgumentException.class, () -> kernel.read(pair.first(), readOnly));
  }

  @Test
  void aConfinedArenaConfinesTheKernel() throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread other =
        new Thread(() -> {
          try {
            kernel.epollCreate1(0);
          } catch (WrongThreadException e) {
            thrown.set(e);
          }
        });
    other.start();
    other.join();
    assertEquals(WrongThreadException.class, thrown.get() == null ? null : thrown.get().getClass());
  }

  @Test
  void aKernelEndsWithItsArena() {
    Kernel ended;
    try (Arena other = Arena.ofConfined()) {
      ended = new LinuxKernel(other);
    }
    assertThrows(IllegalStateException.class, () -> ended.epollCreate1(0));
  }

  @Test
  void arraysThatAreTooShortAreRefused() {
    assertThrows(IndexOutOfBoundsException.class, () -> kernel.pipe2(new int[1], 0));
    assertThrows(
        IndexOutOfBoundsException.class, () -> kernel.getrlimit(Rlimit.RLIMIT_NOFILE, new long[1]));
  }
}
