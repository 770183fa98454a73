package dev.pollux.net.internal.thread;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.pollux.net.BufferPool;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.internal.nio.RefusingKernel;
import dev.pollux.sys.IoVector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/// What is written in turn is sent once and in order, whoever of two threads becomes the writer.
public final class ThreadOutputStress {
  private ThreadOutputStress() {}

  /// Takes every byte; what it was sent in base ten.
  private static final class Sink extends RefusingKernel {
    // Neither atomic nor volatile: the output is to keep two senders apart.
    private int sent;

    @Override
    public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
      take(buffer.asSlice(offset, length));
      return (int) length;
    }

    @Override
    public int sendmsg(int fd, IoVector pieces, int flags) {
      for (int i = 0; i < pieces.count(); i++) {
        take(pieces.piece(i));
      }
      return (int) pieces.totalBytes();
    }

    private void take(MemorySegment bytes) {
      for (long i = 0; i < bytes.byteSize(); i++) {
        sent = sent * 10 + bytes.get(JAVA_BYTE, i);
      }
    }
  }

  /// Memory that goes with the try: thousands of them are under way at once.
  private static final class OwnMemory implements BufferPool {
    @Override
    public MemorySegment borrow(int minBytes) {
      return Arena.ofAuto().allocate(minBytes);
    }

    @Override
    public void giveBack(MemorySegment segment) {}

    @Override
    public long lentBytes() {
      return 0;
    }
  }

  /// The state of one try, and what all of them do.
  private static class Tried {
    final Sink sink = new Sink();
    final Turn turn = new Turn();
    final ThreadOutput output = new ThreadOutput(1, new OwnMemory());

    void fill(int digit) {
      MemorySegment room = output.reserve(1);
      room.set(JAVA_BYTE, output.reservedOffset(), (byte) digit);
      output.commit(1);
    }

    Desk desk() {
      return new Desk(arena -> sink, 512, MemoryBudget.ofMachine());
    }

    /// In turn, which it gives back: sends as long as that is nobody else's task.
    void settle(Desk desk) {
      boolean writes = output.takeForWriter();
      turn.leave();
      while (writes) {
        output.send(desk, 0);
        turn.enter();
        output.writerIsDone();
        writes = output.takeForWriter();
        turn.leave();
      }
    }
  }

  /// The worker and a courier write, and each sends what it finds.
  @JCStressTest
  @Outcome(
      id = {"123, 0", "132, 0", "312, 0"},
      expect = Expect.ACCEPTABLE,
      desc = "All of it, in the order of the turns.")
  @State
  public static class WorkerAndCourier extends Tried {
    @Actor
    public void worker() {
      Desk desk = desk();
      turn.enter();
      fill(1);
      settle(desk);
      turn.enter();
      fill(2);
      settle(desk);
    }

    @Actor
    public void courier() {
      turn.enter();
      fill(3);
      settle(desk());
    }

    @Arbiter
    public void all(II_Result r) {
      r.r1 = sink.sent;
      r.r2 = output.pendingBytes();
    }
  }

  /// One sends at once what it writes, if nobody else is at it.
  @JCStressTest
  @Outcome(
      id = {"12, 0", "21, 0"},
      expect = Expect.ACCEPTABLE,
      desc = "All of it, in the order of the turns.")
  @State
  public static class WriterAndOneAtOnce extends Tried {
    @Actor
    public void writer() {
      turn.enter();
      fill(1);
      settle(desk());
    }

    @Actor
    public void another() {
      Desk desk = desk();
      turn.enter();
      fill(2);
      output.sendNow(desk);
      settle(desk);
    }

    @Arbiter
    public void all(II_Result r) {
      r.r1 = sink.sent;
      r.r2 = output.pendingBytes();
    }
  }

  /// What a writer has taken counts as pending until it is sent, for who fills meanwhile.
  @JCStressTest
  @Outcome(id = "2, 12, 0", expect = Expect.ACCEPTABLE, desc = "Not sent yet.")
  @Outcome(id = "1, 12, 0", expect = Expect.ACCEPTABLE, desc = "Sent.")
  @State
  public static class PendingWhileAWriterSends extends Tried {
    public PendingWhileAWriterSends() {
      fill(1);
      output.takeForWriter();
    }

    @Actor
    public void writer() {
      output.send(desk(), 0);
      turn.enter();
      output.writerIsDone();
      settle(desk());
    }

    @Actor
    public void another(III_Result r) {
      turn.enter();
      fill(2);
      r.r1 = output.pendingBytes();
      settle(desk());
    }

    @Arbiter
    public void all(III_Result r) {
      r.r2 = sink.sent;
      r.r3 = output.pendingBytes();
    }
  }
}
