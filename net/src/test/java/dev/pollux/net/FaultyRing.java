package dev.pollux.net;

import dev.pollux.sys.Errno;
import dev.pollux.sys.IoUring;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.PassingRing;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.Ring;
import dev.pollux.sys.SockAddr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A real ring with faults that a real one may have, by chance from a seed: receives that find no
/// buffer or are cancelled, sends that are cut short or interrupted, one completion where many were
/// hoped for, completions that come late and in another order, a call that takes only the first of
/// the submissions that wait, or none. And on demand: an accept that fails when a client comes.
///
/// What is never lied about: the order of the completions of one operation.
final class FaultyRing extends PassingRing {
  /// What is reported as a failed accept when the poll of that tag completes.
  private static final long FAILING_ACCEPT = 1L << 55;

  private final FaultyKernel faults;
  private final Random random;
  private final int percent;
  private final List<Completion> waiting = new ArrayList<>();

  /// What the kernel has not taken yet, in order.
  private final ArrayDeque<Runnable> untaken = new ArrayDeque<>();

  private @Nullable Completion current;

  private record Completion(int opcode, long tag, int result, int flags, int receivedOffset) {}

  FaultyRing(Ring ring, FaultyKernel faults, long seed, int percent) {
    super(ring);
    this.faults = faults;
    this.random = new Random(seed);
    this.percent = percent;
  }

  private boolean chance() {
    return random.nextInt(100) < percent;
  }

  @Override
  public void queue(
      int opcode,
      int flags,
      int ioprio,
      int fd,
      long off,
      long addr,
      int len,
      int operationFlags,
      int bufferGroup,
      int fileIndex,
      long addr3,
      long tag) {
    int flagsThen = flags;
    int priority = ioprio;
    int length = len;
    int index = fileIndex;
    switch (opcode) {
      case IoUring.IORING_OP_ACCEPT -> {
        faults.acceptCalls.incrementAndGet();
        // One client each time: so that a fault that is asked for later finds a place.
        priority = 0;
        if (FaultyKernel.due(faults.acceptFailures)) {
          submit(
              IoUring.IORING_OP_POLL_ADD,
              0,
              0,
              fd,
              0,
              0,
              0,
              PollFds.POLLIN,
              0,
              0,
              0,
              tag | FAILING_ACCEPT);
          return;
        }
      }
      case IoUring.IORING_OP_RECV -> {
        if (chance()) {
          fail(opcode, tag, random.nextBoolean() ? Errno.ENOBUFS : Errno.ECANCELED);
          return;
        }
        // One receive each time where faults come on demand: so that the next one finds a place.
        if (percent == 0 || chance()) {
          priority = 0;
          // Only one that goes on has a limit.
          index = 0;
        }
      }
      case IoUring.IORING_OP_SEND -> {
        if (FaultyKernel.due(faults.sendFailures)) {
          fail(opcode, tag, faults.sendErrno.get());
          return;
        }
        if (chance()) {
          fail(opcode, tag, random.nextBoolean() ? Errno.EINTR : Errno.EAGAIN);
          return;
        }
        if (len > 1 && chance()) {
          length = 1 + random.nextInt(len - 1);
          // What takes less than everything is always told.
          flagsThen &= ~IoUring.IOSQE_CQE_SKIP_SUCCESS;
        }
      }
      default -> {}
    }
    submit(
        opcode,
        flagsThen,
        priority,
        fd,
        off,
        addr,
        length,
        operationFlags,
        bufferGroup,
        index,
        addr3,
        tag);
  }

  private void submit(
      int opcode,
      int flags,
      int ioprio,
      int fd,
      long off,
      long addr,
      int len,
      int operationFlags,
      int bufferGroup,
      int fileIndex,
      long addr3,
      long tag) {
    untaken.add(() ->
        ring.queue(
            opcode,
            flags,
            ioprio,
            fd,
            off,
            addr,
            len,
            operationFlags,
            bufferGroup,
            fileIndex,
            addr3,
            tag));
  }

  private void fail(int opcode, long tag, int errno) {
    waiting.add(new Completion(opcode, tag, -errno, 0, -1));
  }

  @Override
  public void queueSendmsg(int fd, int flags, IoVector pieces, int messageFlags, long tag) {
    if (FaultyKernel.due(faults.sendFailures)) {
      fail(IoUring.IORING_OP_SENDMSG, tag, faults.sendErrno.get());
    } else if (chance()) {
      fail(IoUring.IORING_OP_SENDMSG, tag, Errno.EINTR);
    } else {
      IoVector copy = IoVector.allocate(Arena.ofAuto(), Math.max(1, pieces.count()));
      for (int i = 0; i < pieces.count(); i++) {
        MemorySegment piece = pieces.piece(i);
        copy.add(piece, 0, piece.byteSize());
      }
      untaken.add(() -> ring.queueSendmsg(fd, flags, copy, messageFlags, tag));
    }
  }

  @Override
  public void queueConnect(int fd, int flags, SockAddr remote, long tag) {
    SockAddr copy = SockAddr.of(Arena.ofAuto(), remote.toInetSocketAddress());
    untaken.add(() -> ring.queueConnect(fd, flags, copy, tag));
  }

  @Override
  public int unsubmitted() {
    return ring.unsubmitted() + untaken.size();
  }

  @Override
  public int enter(int minComplete, long timeoutNanos) {
    int taken = chance() && !untaken.isEmpty() ? random.nextInt(untaken.size()) : untaken.size();
    for (int i = 0; i < taken; i++) {
      untaken.remove().run();
    }
    if (!untaken.isEmpty()) {
      // As if it were out of memory there: it does not wait then.
      ring.enter(0, 0);
      return -Errno.EAGAIN;
    }
    int result = ring.enter(waiting.isEmpty() ? minComplete : 0, timeoutNanos);
    return result >= 0 && chance() ? -Errno.EINTR : result;
  }

  @Override
  public boolean hasNext() {
    return !waiting.isEmpty() || ring.hasNext();
  }

  @Override
  public boolean mayTellOf(int opcode, int another) {
    takeAll();
    return ring.mayTellOf(opcode, another)
        || waiting.stream().anyMatch(c -> c.opcode() == opcode || c.opcode() == another);
  }

  private void takeAll() {
    while (ring.next()) {
      waiting.add(taken());
    }
  }

  @Override
  public boolean next() {
    takeAll();
    // Late: what is held back keeps the next enter from waiting.
    if (waiting.isEmpty() || chance()) {
      return false;
    }
    current = waiting.remove(chance() ? firstOfItsKind(random.nextInt(waiting.size())) : 0);
    return true;
  }

  private Completion taken() {
    if (ring.opcode() == IoUring.IORING_OP_POLL_ADD && (ring.tag() & FAILING_ACCEPT) != 0) {
      int errno = ring.result() < 0 ? -ring.result() : faults.acceptErrno.get();
      return new Completion(IoUring.IORING_OP_ACCEPT, ring.tag() & ~FAILING_ACCEPT, -errno, 0, -1);
    }
    if (ring.opcode() == IoUring.IORING_OP_RECV
        && ring.result() > 0
        && (ring.flags() & IoUring.IORING_CQE_F_MORE) == 0
        && FaultyKernel.due(faults.receiveFailures)) {
      ring.giveBack(ring.receivedOffset());
      return new Completion(ring.opcode(), ring.tag(), -faults.receiveErrno.get(), 0, -1);
    }
    return new Completion(
        ring.opcode(), ring.tag(), ring.result(), ring.flags(), ring.receivedOffset());
  }

  private int firstOfItsKind(int index) {
    Completion chosen = waiting.get(index);
    for (int i = 0; i < index; i++) {
      if (waiting.get(i).opcode() == chosen.opcode() && waiting.get(i).tag() == chosen.tag()) {
        return i;
      }
    }
    return index;
  }

  private Completion current() {
    if (current == null) {
      throw new IllegalStateException("no completion");
    }
    return current;
  }

  @Override
  public int opcode() {
    return current().opcode();
  }

  @Override
  public long tag() {
    return current().tag();
  }

  @Override
  public int result() {
    return current().result();
  }

  @Override
  public int flags() {
    return current().flags();
  }

  @Override
  public int receivedOffset() {
    return current().receivedOffset();
  }
}
