package dev.pollux.net.internal.thread;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.MemoryBudget;
import dev.pollux.net.internal.memory.SharedPool;
import dev.pollux.net.internal.nio.RefusingKernel;
import dev.pollux.sys.Errno;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadOutputTest {
  private final SharedPool pool = new SharedPool(MemoryBudget.ofMachine());
  private final Sink sink = new Sink();
  private final Desk desk = new Desk(arena -> sink, 512, MemoryBudget.ofMachine());
  private final ThreadOutput output = new ThreadOutput(1, pool);

  /// Takes what it is told to, and all when it is not.
  private static final class Sink extends RefusingKernel {
    private final StringBuilder sent = new StringBuilder();

    /// What the next sends return: at most so many bytes, or -errno.
    private final ArrayDeque<Integer> answers = new ArrayDeque<>();

    private int flags;

    /// What others do while a send is under way.
    private Runnable meanwhile = () -> {};

    @Override
    public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
      return take(flags, buffer.asSlice(offset, length));
    }

    @Override
    public int sendmsg(int fd, IoVector pieces, int flags) {
      int taken = 0;
      for (int i = 0; i < pieces.count(); i++) {
        taken += take(flags, pieces.piece(i));
      }
      return taken;
    }

    private int take(int flags, MemorySegment bytes) {
      this.flags = flags;
      meanwhile.run();
      int answer = answers.isEmpty() ? Integer.MAX_VALUE : answers.remove();
      if (answer < 0) {
        return answer;
      }
      int length = (int) Math.min(answer, bytes.byteSize());
      byte[] taken = bytes.asSlice(0, length).toArray(JAVA_BYTE);
      sent.append(new String(taken, StandardCharsets.US_ASCII));
      return length;
    }
  }

  @AfterEach
  void allMemoryIsGivenBack() {
    output.discard();
    assertEquals(0, pool.lentBytes());
    pool.close();
  }

  private void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    MemorySegment room = output.reserve(bytes.length);
    MemorySegment.copy(bytes, 0, room, JAVA_BYTE, output.reservedOffset(), bytes.length);
    output.commit(bytes.length);
  }

  private String sent() {
    return sink.sent.toString();
  }

  @Test
  void hasNothingBeforeItIsTouched() {
    assertFalse(output.isTouched());
    assertEquals(0, output.pendingBytes());
    assertFalse(output.takeForWriter());
    assertFalse(output.hasWriter());
    assertEquals(-Errno.EAGAIN, output.sendNow(desk));
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void theWriterSendsAllThatItTook() {
    write("one");
    write("two");
    assertTrue(output.isTouched());
    assertEquals(6, output.pendingBytes());
    assertTrue(output.takeForWriter());
    assertTrue(output.hasWriter());
    assertFalse(output.isTouched());
    assertEquals(6, output.pendingBytes(), "it is pending until it is sent");
    assertEquals(0, output.send(desk, 0));
    assertEquals(0, output.pendingBytes());
    assertTrue(output.hasWriter(), "until it is back in turn");
    output.writerIsDone();
    assertFalse(output.hasWriter());
    assertEquals("onetwo", sent());
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void whatIsFilledWhileAWriterSendsFollowsBehind() {
    write("one");
    assertTrue(output.takeForWriter());
    sink.answers.add(1);
    sink.meanwhile =
        () -> {
          sink.meanwhile = () -> {};
          write("two");
          assertTrue(output.isTouched());
          assertEquals(6, output.pendingBytes());
          assertEquals(-Errno.EAGAIN, output.sendNow(desk), "nobody overtakes the writer");
          assertFalse(output.takeForWriter(), "there is one");
          assertEquals(6, output.pendingBytes());
        };
    assertEquals(0, output.send(desk, 0));
    assertEquals("one", sent());
    assertEquals(3, output.pendingBytes());
    output.writerIsDone();
    assertEquals(3, output.pendingBytes());
    assertTrue(output.takeForWriter());
    assertEquals(0, output.send(desk, 0));
    output.writerIsDone();
    assertEquals("onetwo", sent());
  }

  @Test
  void pendingBytesGoDownWithWhatTheWriterHasSent() {
    write("abcdef");
    assertTrue(output.takeForWriter());
    sink.answers.add(2);
    sink.answers.add(-Errno.EAGAIN);
    assertEquals(-Errno.EAGAIN, output.send(desk, Socket.MSG_DONTWAIT));
    assertTrue((sink.flags & Socket.MSG_DONTWAIT) != 0);
    assertEquals(4, output.pendingBytes());
    write("gh");
    assertEquals(6, output.pendingBytes());
    assertTrue(output.hasWriter(), "who waits to write is the writer still");
    assertEquals(0, output.send(desk, Socket.MSG_DONTWAIT));
    assertEquals(2, output.pendingBytes());
    output.writerIsDone();
    assertEquals(2, output.pendingBytes());
    assertEquals("abcdef", sent());
  }

  @Test
  void theWriterGoesOnAfterAnInterruptedCallAndTellsOfEveryOtherErrno() {
    write("one");
    assertTrue(output.takeForWriter());
    sink.answers.add(-Errno.EINTR);
    sink.answers.add(1);
    sink.answers.add(-Errno.EPIPE);
    assertEquals(-Errno.EPIPE, output.send(desk, 0));
    assertEquals("o", sent());
    output.writerIsDone();
    assertEquals(0, output.pendingBytes(), "nobody sends the rest");
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void whatWasFilledMeanwhileIsKeptWhenTheWriterHasFailed() {
    write("one");
    assertTrue(output.takeForWriter());
    write("two");
    sink.answers.add(-Errno.EPIPE);
    assertEquals(-Errno.EPIPE, output.send(desk, 0));
    output.writerIsDone();
    assertEquals(3, output.pendingBytes());
    output.discard();
    assertEquals(0, output.pendingBytes());
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void sendingAtOnceLeavesToAWriterWhatTheKernelRefuses() {
    write("one");
    assertEquals(0, output.sendNow(desk));
    assertFalse(output.isTouched());
    assertTrue((sink.flags & Socket.MSG_DONTWAIT) != 0);
    assertEquals(0, pool.lentBytes());
    assertFalse(output.takeForWriter(), "it is out");
    write("two");
    sink.answers.add(1);
    sink.answers.add(-Errno.EAGAIN);
    assertEquals(-Errno.EAGAIN, output.sendNow(desk));
    assertEquals(2, output.pendingBytes());
    assertTrue(output.takeForWriter());
    assertEquals(0, output.send(desk, 0));
    output.writerIsDone();
    assertEquals("onetwo", sent());
    write("three");
    sink.answers.add(-Errno.ECONNRESET);
    assertEquals(-Errno.ECONNRESET, output.sendNow(desk));
  }

  @Test
  void whatIsReservedAndNotUsedHoldsNoMemory() {
    output.reserve(100);
    assertTrue(pool.lentBytes() > 0);
    assertFalse(output.takeForWriter());
    assertFalse(output.isTouched());
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void discardingLeavesTheWriterWhatItHas() {
    write("one");
    assertTrue(output.takeForWriter());
    write("two");
    output.discard();
    assertFalse(output.isTouched());
    assertEquals(3, output.pendingBytes());
    assertEquals(0, output.send(desk, 0));
    output.writerIsDone();
    assertEquals("one", sent());
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void aMessageOfManyChunksIsSentInOrderWhateverTheKernelTakes() {
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      String piece = String.valueOf((char) ('a' + i % 26)).repeat(10_000);
      expected.append(piece);
      write(piece);
      if (i == 20) {
        assertTrue(output.takeForWriter());
      }
    }
    assertEquals(400_000, output.pendingBytes());
    assertEquals(0, output.send(desk, 0));
    assertEquals(190_000, output.pendingBytes());
    output.writerIsDone();
    assertTrue(output.takeForWriter());
    assertEquals(0, output.send(desk, 0));
    output.writerIsDone();
    assertEquals(expected.toString(), sent());
    assertEquals(0, pool.lentBytes());
  }
}
