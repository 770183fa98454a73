package dev.pollux.net.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.pollux.net.BufferPool;
import dev.pollux.sys.IoVector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// What the owner publishes is sent once and in order, whoever of two threads becomes the writer.
public final class OutputQueueStress {
  private OutputQueueStress() {}

  /// Takes every byte; what it was sent in base ten.
  private static final class Sink extends RefusingKernel {
    private final AtomicInteger sent = new AtomicInteger();

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
        // Not an atomic update: the queue is to keep two senders apart.
        sent.setPlain(sent.getPlain() * 10 + bytes.get(JAVA_BYTE, i));
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
    final OutputQueue queue = new OutputQueue(1, new OwnMemory());

    void publish(int digit) {
      fill(digit);
      queue.publish();
    }

    void fill(int digit) {
      MemorySegment room = queue.reserve(1);
      room.set(JAVA_BYTE, queue.reservedOffset(), (byte) digit);
      queue.commit(1);
    }

    /// What was sent in the end, and what was not.
    void tell(II_Result r) {
      r.r1 = sink.sent.get();
      r.r2 = queue.pendingBytes();
    }

    void write() {
      Desk desk = new Desk(arena -> sink, 512);
      while (queue.enter()) {
        queue.send(desk, 0);
        queue.leave();
      }
    }
  }

  /// The owner publishes and writes, another thread writes too.
  @JCStressTest
  @Outcome(id = "12, 0", expect = Expect.ACCEPTABLE, desc = "All of it, in order.")
  @State
  public static class OwnerAndAnother extends Tried {
    @Actor
    public void owner() {
      publish(1);
      write();
      publish(2);
      write();
    }

    @Actor
    public void another() {
      write();
    }

    @Arbiter
    public void all(II_Result r) {
      tell(r);
    }
  }

  /// The owner sends what it writes itself if nobody's output is before it; another thread writes.
  @JCStressTest
  @Outcome(id = "12, 0", expect = Expect.ACCEPTABLE, desc = "All of it, in order.")
  @State
  public static class OwnerItselfAndAnother extends Tried {
    public OwnerItselfAndAnother() {
      publish(1);
    }

    @Actor
    public void owner() {
      fill(2);
      queue.sendOrPublish(new Desk(arena -> sink, 512));
      write();
    }

    @Actor
    public void another() {
      write();
    }

    @Arbiter
    public void all(II_Result r) {
      tell(r);
    }
  }

  /// The queue is closed while something is published for the first time: nothing is sent any more
  /// when the wait for the last writer is over.
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Closed first.")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Sent first.")
  @State
  public static class CloseAndFirstPublish extends Tried {
    @Actor
    public void owner() {
      publish(1);
      write();
    }

    @Actor
    public void closer(II_Result r) {
      queue.close();
      queue.awaitNoWriter();
      r.r1 = sink.sent.get();
    }

    @Arbiter
    public void all(II_Result r) {
      r.r2 = sink.sent.get();
    }
  }

  /// The queue is closed meanwhile: nobody is the writer when the wait for the last one is over.
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Closed first.")
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Sent first.")
  @State
  public static class CloseMeanwhile extends Tried {
    public CloseMeanwhile() {
      publish(1);
    }

    @Actor
    public void another() {
      write();
    }

    @Actor
    public void owner(II_Result r) {
      queue.close();
      queue.awaitNoWriter();
      queue.discard();
      r.r2 = queue.pendingBytes();
    }

    @Arbiter
    public void all(II_Result r) {
      r.r1 = sink.sent.get();
    }
  }
}
