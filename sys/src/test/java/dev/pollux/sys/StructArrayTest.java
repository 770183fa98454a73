package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// PollFds, EpollEvents, IoVector: what goes in comes out, and nothing goes beside.
class StructArrayTest {

  private final Arena arena = Arena.ofAuto();

  @Test
  void anEntryOfPollComesOutAsItWentIn() {
    PollFds fds = PollFds.allocate(arena, 2);
    fds.set(0, Integer.MAX_VALUE, 0xffff);
    fds.set(1, -1, PollFds.POLLRDHUP);
    assertEquals(Integer.MAX_VALUE, fds.fd(0));
    assertEquals(0xffff, fds.events(0));
    assertEquals(0, fds.revents(0));
    assertEquals(-1, fds.fd(1));
    assertEquals(PollFds.POLLRDHUP, fds.events(1));
    fds.events(1, PollFds.POLLIN);
    assertEquals(PollFds.POLLIN, fds.events(1));
    assertEquals(2, fds.capacity());
    assertEquals(16, fds.segment().byteSize());
    assertThrows(IndexOutOfBoundsException.class, () -> fds.set(2, 0, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> fds.fd(-1));
  }

  @Test
  void settingAnEntryForgetsItsResult() {
    PollFds fds = PollFds.allocate(arena, 1);
    fds.segment().set(JAVA_LONG, 0, -1);
    assertEquals(0xffff, fds.revents(0));
    fds.set(0, 5, PollFds.POLLIN);
    assertEquals(0, fds.revents(0));
  }

  @Test
  void anEntryOfPollIsCopiedWhole() {
    PollFds fds = PollFds.allocate(arena, 3);
    fds.set(2, 7, PollFds.POLLOUT);
    fds.copy(2, 0);
    assertEquals(7, fds.fd(0));
    assertEquals(PollFds.POLLOUT, fds.events(0));
    assertEquals(0, fds.fd(1));
    PollFds longer = PollFds.allocate(arena, 5);
    longer.copyFrom(fds, 3);
    assertEquals(7, longer.fd(2));
    assertThrows(IndexOutOfBoundsException.class, () -> fds.copyFrom(longer, 5));
  }

  @ParameterizedTest
  @CsvSource({"amd64, 12, 4", "x86_64, 12, 4", "aarch64, 16, 8", "arm64, 16, 8"})
  void anEventOfEpollIsPackedOnX86Only(String architecture, long size, long dataOffset) {
    StructLayout event = Epoll.eventOf(architecture);
    assertEquals(size, event.byteSize());
    assertEquals(dataOffset, event.byteOffset(PathElement.groupElement("data")));
    EpollEvents events = EpollEvents.allocate(arena, 3, event);
    assertEquals(3, events.capacity());
    assertEquals(3 * size, events.segment().byteSize());
    for (int i = 0; i < 3; i++) {
      events.set(i, Epoll.EPOLLET | i, 0xfedc_ba98_7654_3210L + i);
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(Epoll.EPOLLET | i, events.events(i));
      assertEquals(0xfedc_ba98_7654_3210L + i, events.data(i));
    }
    assertThrows(IndexOutOfBoundsException.class, () -> events.events(3));
    assertThrows(IndexOutOfBoundsException.class, () -> events.data(-1));
  }

  @Test
  void anEmptyArrayOfEventsIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> EpollEvents.allocate(arena, 0));
  }

  @Test
  void aVectorKnowsItsPieces() {
    IoVector pieces = IoVector.allocate(arena, 2);
    MemorySegment buffer = arena.allocate(10);
    pieces.add(buffer, 2, 3);
    pieces.add(buffer, 0, 10);
    assertEquals(2, pieces.count());
    assertEquals(2, pieces.capacity());
    assertEquals(13, pieces.totalBytes());
    assertEquals(buffer.address() + 2, pieces.segment().get(JAVA_LONG, 0));
    assertEquals(3, pieces.segment().get(JAVA_LONG, 8));
    assertEquals(buffer.asSlice(2, 3), pieces.piece(0));
    assertThrows(IndexOutOfBoundsException.class, () -> pieces.add(buffer, 0, 1));
    pieces.clear();
    assertEquals(0, pieces.count());
    assertEquals(0, pieces.totalBytes());
    assertThrows(IndexOutOfBoundsException.class, () -> pieces.piece(0));
  }

  @Test
  void aVectorTakesNoRangeThatTheBufferHasNot() {
    IoVector pieces = IoVector.allocate(arena, 2);
    MemorySegment buffer = arena.allocate(10);
    assertThrows(IndexOutOfBoundsException.class, () -> pieces.add(buffer, 8, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> pieces.add(buffer, -1, 3));
    MemorySegment heap = MemorySegment.ofArray(new byte[4]);
    assertThrows(IllegalArgumentException.class, () -> pieces.add(heap, 0, 1));
    assertEquals(0, pieces.count());
  }
}
