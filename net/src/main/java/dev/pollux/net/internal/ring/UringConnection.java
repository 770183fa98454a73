package dev.pollux.net.internal.ring;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.loop.BufferedConnection;
import dev.pollux.net.internal.memory.Output;
import dev.pollux.sys.Errno;
import dev.pollux.sys.IoUring;
import dev.pollux.sys.RingOperations;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SyscallLedger;
import org.jspecify.annotations.Nullable;

/// A connection of a ring's loop: it has a receive under way nearly always, a send at most once,
/// and is told what came of them. A send is one of the loop's [QuietSends]; where the kernel took
/// less than everything, the next one waits for the peer and has a completion.
///
/// An operation under way holds the socket open, and a send its memory: so a connection that has
/// ended (its protocol knows) stays in the loop's table until the last of its operations has
/// completed.
///
/// ```
///   receive:  idle --flush()--> armed --data, F_MORE--> armed
///              ^                  |
///              +-- end, ENOBUFS, cancelled because reading is suspended (then it is told of a
///                  hang-up by a poll, because no receive tells of it)
/// ```
public final class UringConnection extends BufferedConnection implements UringTarget {
  /// Output of so much goes by a call.
  private static final int AT_ONCE_BYTES = 8 * 1024;

  private final UringLoop loop;
  private final boolean direct;

  /// Looks at its socket when its timer is over, one in each of the wheel's ticks.
  private static final int MOST_LOOKS = 60;

  /// Operations whose last completion is still to come.
  private int operations;

  private boolean receiving;
  private boolean cancellingReceive;
  private boolean watchingHangup;
  private boolean sending;

  /// Where the send under way stands among the quiet ones; -1 if it is told of, or there is none.
  private int quietPlace = -1;

  private boolean resetOnClose;

  /// What arrived although reading is suspended; null most of the time.
  private @Nullable HeldInput held;

  public UringConnection(
      UringLoop loop, int file, boolean direct, @Nullable PeerAddress peer, Protocol protocol) {
    super(loop, file, peer, protocol);
    this.loop = loop;
    this.direct = direct;
  }

  private int ringFlags() {
    return direct ? IoUring.IOSQE_FIXED_FILE : 0;
  }

  private long tag() {
    return loop.files().tag(fd);
  }

  // Completions

  @Override
  public void onCompletion(int opcode, int result, int flags, int receivedOffset) {
    boolean last = (flags & IoUring.IORING_CQE_F_MORE) == 0;
    if (last) {
      operations--;
    }
    switch (opcode) {
      case IoUring.IORING_OP_RECV -> {
        receiving &= !last;
        onReceived(result, receivedOffset);
      }
      case IoUring.IORING_OP_SEND, IoUring.IORING_OP_SENDMSG -> onSent(result);
      case IoUring.IORING_OP_POLL_ADD -> {
        watchingHangup = false;
        if (result > 0 && state == OPEN && readingSuspended) {
          end(CloseReason.RESET);
        }
      }
      case IoUring.IORING_OP_SHUTDOWN -> {
        if (result < 0 && state == LINGERING) {
          // ENOTCONN: the peer has reset it meanwhile.
          end(CloseReason.RESET);
        }
      }
      case IoUring.IORING_OP_ASYNC_CANCEL -> cancellingReceive = false;
      default -> {}
    }
    if (finished) {
      releaseWhenDone();
    } else if (state != ENDED && (last || output != null)) {
      loop.batch().noteChange(this);
    }
  }

  private void onReceived(int result, int offset) {
    if (result > 0) {
      if (state == OPEN && (readingSuspended || held != null)) {
        hold(offset, result);
      } else {
        deliver(loop.ring().receiveMemory(), offset, result);
        sendMuchAtOnce();
      }
    } else if (result == 0) {
      if (held == null) {
        inputEnded();
      } else {
        held.endOfInput = true;
      }
    } else {
      switch (-result) {
        // ENOBUFS: all buffers were taken, and nothing is lost; the flush asks again. ECANCELED:
        // reading was suspended, or the connection has ended.
        case Errno.ENOBUFS, Errno.ECANCELED, Errno.EINTR, Errno.EAGAIN -> {}
        // ECONNRESET, ETIMEDOUT ...: the connection is gone, whatever the number says.
        default -> end(CloseReason.RESET);
      }
    }
  }

  private void hold(int offset, int length) {
    if (held == null) {
      held = new HeldInput();
    }
    held.add(loop.buffers(), loop.ring().receiveMemory(), offset, length);
    if (receiving && !cancellingReceive && readingSuspended) {
      // Not before something comes: a suspension is often over by then.
      RingOperations.cancel(loop.ring(), IoUring.IORING_OP_RECV, tag(), tag());
      cancellingReceive = true;
      operations++;
    }
  }

  /// A quiet send has taken everything. Nothing of this connection is being flushed: so unless
  /// there is more to do, its output is given back here.
  public void onSentQuietly(SyscallLedger ledger) {
    Output sent = output;
    if (sent == null) {
      throw new IllegalStateException("a send without output: " + this);
    }
    quietPlace = -1;
    operations--;
    ledger.countTransfer(sent.queuedOperation(), sent.queuedBytes());
    onSent(sent.queuedBytes());
    if (finished) {
      releaseWhenDone();
    } else if (state == CLOSING || sent.pendingBytes() > 0) {
      loop.batch().noteChange(this);
    } else if (state == OPEN && !listedForFlush) {
      releaseOutput();
    }
  }

  /// A quiet send of it that is not over has another place among them.
  public void quietSendMoved(int place) {
    quietPlace = place;
  }

  private void onSent(int result) {
    if (quietPlace >= 0) {
      loop.quietSends().remove(quietPlace);
      quietPlace = -1;
    }
    sending = false;
    Output sent = output;
    if (finished || sent == null) {
      releaseOutput();
      return;
    }
    writeBlocked = result < sent.queuedBytes();
    if (result >= 0) {
      // Also when all is taken the output stays until the flush, which first asks the protocol for
      // what it gathered meanwhile.
      sent.taken(result);
      if (result > 0) {
        progressed();
      }
    } else if (result != -Errno.EINTR && result != -Errno.EAGAIN && state != ENDED) {
      // EPIPE, ECONNRESET, ETIMEDOUT ...: nobody will ever take it.
      end(CloseReason.RESET);
    }
  }

  /// Not before what lies in its socket is received, but not for ever from one that never pauses.
  @Override
  public void onTimer() {
    if (looks == MOST_LOOKS || !inputWanted() || wasLookedAt()) {
      timerOver();
    } else {
      looks++;
      loop.setTimer(fd, 0);
    }
  }

  /// Whether all that had come before the loop entered the kernel has been delivered.
  private boolean wasLookedAt() {
    return (receiving && loop.toldAll()) || (!direct && loop.hasNothingUnread(fd));
  }

  // Output

  @Override
  public void flush() {
    if (state == ENDED) {
      if (finished) {
        releaseOutput();
      }
      return;
    }
    Output pending = output;
    if (pending != null && !sending) {
      send(pending);
    }
    if (state == CLOSING && output == null) {
      state = LINGERING;
      if (endOfInput) {
        end(CloseReason.CLOSED);
      } else {
        shutdownOutput();
      }
    }
    updateReceive();
  }

  /// Much output goes by a call while it is in the processor's cache, and leaves its memory, still
  /// warm, to the next connection; little of it waits for the ring and its one call for many. What
  /// the kernel refuses waits for the ring too, and with direct descriptors there is no call.
  private void sendMuchAtOnce() {
    Output pending = output;
    if (pending != null
        && pending.pendingBytes() >= AT_ONCE_BYTES
        && !sending
        && !writeBlocked
        && !direct
        && state != ENDED) {
      sendNow(pending, Socket.MSG_DONTWAIT);
    }
  }

  private void send(Output pending) {
    if (!encoded()) {
      return;
    }
    if (pending.pendingBytes() == 0) {
      releaseOutput();
    } else if (writeBlocked) {
      queueSend(pending, 0, 0);
    } else {
      queueSend(pending, IoUring.IOSQE_CQE_SKIP_SUCCESS, Socket.MSG_DONTWAIT | Socket.MSG_WAITALL);
      quietPlace = loop.quietSends().add(this);
    }
  }

  /// Here and elsewhere: only what is queued is under way. A ring that has no room says so by an
  /// exception.
  private void queueSend(Output pending, int moreFlags, int messageFlags) {
    pending.queue(loop.ring(), fd, ringFlags() | moreFlags, loop.pieces(), messageFlags, tag());
    sending = true;
    operations++;
  }

  @Override
  public boolean isPeerTaking(int millis) {
    return !direct && super.isPeerTaking(millis);
  }

  /// The memory of a send that is under way is the kernel's.
  @Override
  public void releaseOutput() {
    if (!sending) {
      super.releaseOutput();
    }
  }

  @Override
  public void shutdownOutput() {
    if (direct) {
      RingOperations.shutdown(loop.ring(), fd, ringFlags(), Socket.SHUT_WR, tag());
      operations++;
    } else {
      // By a call: the kernel would have a thread made for the operation.
      super.shutdownOutput();
    }
  }

  @Override
  public void offerPending() {
    Output pending = output;
    if (pending == null || sending || pending.pendingBytes() == 0) {
      return;
    }
    if (direct) {
      queueSend(pending, 0, Socket.MSG_DONTWAIT);
    } else {
      pending.flush(loop.kernel(), fd, loop.pieces(), Socket.MSG_DONTWAIT);
    }
  }

  // Reading

  @Override
  public void suspendReading() {
    readingSuspended = true;
    loop.batch().noteChange(this);
  }

  @Override
  public void resumeReading() {
    if (readingSuspended) {
      readingSuspended = false;
      if (held != null) {
        listForRead();
      }
      loop.batch().noteChange(this);
    }
  }

  /// Delivers what was held, until it is all delivered or reading is suspended again.
  @Override
  public void readAgain() {
    listedForRead = false;
    HeldInput input = held;
    while (input != null && state == OPEN && !readingSuspended && !input.isEmpty()) {
      input.deliverFirst(loop.buffers(), this);
    }
    if (input != null && state == OPEN && input.isEmpty() && !readingSuspended) {
      held = null;
      if (input.endOfInput) {
        inputEnded();
      }
    }
    if (state != ENDED) {
      // Not noteChange: this is the connection's own turn, and nothing flushes at its end.
      loop.batch().listForFlush(this);
    }
  }

  @Override
  public void closing() {
    dropHeld();
  }

  private void dropHeld() {
    HeldInput input = held;
    if (input != null) {
      held = null;
      input.discard(loop.buffers());
      endOfInput |= input.endOfInput;
    }
  }

  /// Has a receive under way, if anything is wanted.
  private void updateReceive() {
    if (state == ENDED || endOfInput || receiving) {
      return;
    }
    if (state != OPEN || (!readingSuspended && held == null)) {
      loop.receiving().queue(fd, ringFlags(), tag());
      receiving = true;
      operations++;
    } else if (readingSuspended && !watchingHangup && (held == null || !held.endOfInput)) {
      RingOperations.poll(loop.ring(), fd, ringFlags(), 0, false, tag());
      watchingHangup = true;
      operations++;
    }
  }

  // Ending

  @Override
  public void giveUp(boolean reset) {
    dropHeld();
    resetOnClose = reset;
    loop.cancelTimer(this);
    if (operations > 0) {
      long tag = tag();
      // One of them more: until it has completed, the file is not another's.
      operations++;
      loop.queueSurely(() -> RingOperations.cancelAll(loop.ring(), fd, direct, tag));
    }
    releaseWhenDone();
  }

  private void releaseWhenDone() {
    if (operations == 0) {
      releaseOutput();
      loop.release(fd, direct, resetOnClose);
    }
  }
}
