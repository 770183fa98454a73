package dev.pollux.net.internal.loop;

import dev.pollux.net.BufferPool;
import dev.pollux.net.CloseReason;
import dev.pollux.net.Owner;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.SharedOutput;
import dev.pollux.net.internal.EngineConnection;
import dev.pollux.net.internal.Inbox;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.memory.Output;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A connection of a loop, as far as it does not matter what the loop waits with; every field is
/// the loop thread's. It has an output buffer of the loop's only while something is pending.
///
/// ```
///   OPEN --close()--> CLOSING --output taken, FIN sent--> LINGERING
///     |                  |                                    | FIN came, or the time is over
///     +------------------+----------- abort, reset -----------+--> ENDED
/// ```
///
/// `CLOSING` and `LINGERING` throw away what arrives. `ENDED` is finished at the end of the batch
/// of events in which it came about: only then is the descriptor closed, so that its number can't
/// come back within the batch.
public abstract class BufferedConnection extends EngineConnection {
  public static final byte OPEN = 1;
  public static final byte CLOSING = 2;
  public static final byte LINGERING = 3;
  public static final byte ENDED = 4;

  private final Loop loop;

  /// Null while nothing is pending.
  public @Nullable Output output;

  /// The kernel refused output; it goes on when the descriptor is writable.
  public boolean writeBlocked;

  /// It stands in the loop's list of connections to be flushed at the end of the batch.
  public boolean listedForFlush;

  /// It stands in the loop's list of connections to be read again without waiting for an event.
  public boolean listedForRead;

  public byte state = OPEN;

  /// How often its socket was looked at since its timer was over, which it is told of then.
  public byte looks;

  public boolean readingSuspended;
  public boolean endOfInput;

  /// The protocol was told that it has ended.
  public boolean finished;

  public CloseReason reason = CloseReason.CLOSED;
  private volatile boolean open = true;

  public BufferedConnection(Loop loop, int fd, @Nullable PeerAddress peer, Protocol protocol) {
    super(fd, peer, protocol);
    this.loop = loop;
  }

  /// Offers the output to the kernel, tells the protocol of progress, and brings up to date what
  /// the loop waits for.
  public abstract void flush();

  /// Offers what is pending to the kernel once, for a connection that is at its end.
  public abstract void offerPending();

  /// Reads again without an event.
  public abstract void readAgain();

  /// Gives back the descriptor and what else the loop has of it.
  public abstract void giveUp(boolean reset);

  /// [#close] was called just now.
  public void closing() {}

  // Events

  /// Says the refusal in the protocol's words: what it writes is offered to the kernel once.
  public final void refused(Refusal refusal) {
    BufferedConnection before = loop.owner().enterTurn(this);
    BufferedConnection eventBefore = loop.batch().enter(this);
    try {
      protocol().onRefused(this, refusal);
      offerPending();
    } catch (Throwable t) {
      report(t);
    } finally {
      loop.batch().leave(eventBefore);
      loop.owner().leaveTurn(before);
    }
    open = false;
    state = ENDED;
    finished = true;
    releaseOutput();
  }

  public final void timerOver() {
    looks = 0;
    switch (state) {
      case OPEN -> {
        tell(connection -> connection.protocol().onTimer(connection));
        flush();
      }
      // The peer took too long: what is still pending is lost, which it learns by a reset.
      case CLOSING -> end(CloseReason.ABORTED);
      case LINGERING -> end(CloseReason.CLOSED);
      default -> {}
    }
  }

  /// What arrives after [#close] is thrown away.
  public final void deliver(MemorySegment buffer, int offset, int length) {
    loop.spins.progress();
    BufferedConnection before = loop.owner().enterTurn(this);
    try {
      if (state == OPEN) {
        protocol().onBytes(this, buffer, offset, length);
      }
    } catch (Throwable t) {
      fail(t);
    } finally {
      loop.owner().leaveTurn(before);
    }
  }

  /// Calls the protocol in the connection's turn; if that throws, the connection ends.
  public final void tell(Consumer<BufferedConnection> callback) {
    BufferedConnection before = loop.owner().enterTurn(this);
    try {
      callback.accept(this);
    } catch (Throwable t) {
      fail(t);
    } finally {
      loop.owner().leaveTurn(before);
    }
  }

  public final void inputEnded() {
    loop.spins.progress();
    endOfInput = true;
    if (state == LINGERING) {
      end(CloseReason.CLOSED);
    } else if (state == OPEN) {
      tell(connection -> connection.protocol().onEndOfInput(connection));
    }
  }

  // Output

  @Override
  public final MemorySegment reserve(int length) {
    boolean waits = writeBlocked || !loop.batch().isOwnEvent(this);
    MemorySegment memory = pending().reserve(length, waits);
    // Also when nothing is committed: the flush gives the buffer back.
    loop.batch().noteChange(this);
    return memory;
  }

  private Output pending() {
    Output pending = output;
    if (pending == null) {
      pending = loop.outputs().take();
      output = pending;
    }
    return pending;
  }

  @Override
  public final int reservedOffset() {
    Output pending = output;
    return pending == null ? 0 : pending.reservedOffset();
  }

  @Override
  public final void commit(int length) {
    Output pending = output;
    if (pending != null && state == OPEN) {
      pending.commit(length);
    }
  }

  @Override
  public final void append(SharedOutput shared) {
    if (state == OPEN) {
      pending().append(shared);
      loop.owner().noteAppend();
      loop.batch().noteChange(this);
    }
  }

  @Override
  public final int pendingOutput() {
    Output pending = output;
    return pending == null ? 0 : pending.pendingBytes();
  }

  @Override
  public boolean isPeerTaking(int millis) {
    return loop.isPeerTaking(fd, millis);
  }

  /// Throws away what is pending and gives the buffer back.
  public void releaseOutput() {
    Output pending = output;
    if (pending != null) {
      output = null;
      pending.discard();
      loop.outputs().put(pending);
    }
  }

  /// Encodes what is pending and sends it by calls with these flags, until all of it is taken or
  /// the kernel refuses.
  public final void sendNow(Output pending, int flags) {
    if (!encoded()) {
      return;
    }
    int before = pending.pendingBytes();
    int result = pending.flush(loop.kernel(), fd, loop.pieces(), flags);
    boolean progress = pending.pendingBytes() < before;
    switch (-result) {
      case 0 -> releaseOutput();
      case Errno.EAGAIN -> writeBlocked = true;
      // EPIPE, ECONNRESET, ETIMEDOUT ...: nobody will ever take it.
      default -> {
        end(CloseReason.RESET);
        return;
      }
    }
    if (progress) {
      progressed();
    }
  }

  /// Lets the protocol encode what it has to send.
  public final boolean encoded() {
    if (state == OPEN) {
      tell(told -> told.protocol().onFlush(told));
    }
    return state != ENDED;
  }

  /// The kernel took output.
  public final void progressed() {
    loop.spins.progress();
    if (state == OPEN) {
      tell(told -> told.protocol().onDrained(told));
    } else if (state == CLOSING) {
      loop.setTimer(this, loop.lingerNanos());
    }
  }

  /// Says FIN behind the last byte of output.
  public void shutdownOutput() {
    if (loop.kernel().shutdown(fd, Socket.SHUT_WR) < 0) {
      // ENOTCONN: the peer has reset it meanwhile.
      end(CloseReason.RESET);
    }
  }

  // Reading

  /// Whether what arrives is wanted: to be delivered, or to be thrown away behind a close.
  public final boolean inputWanted() {
    return !endOfInput && !(readingSuspended && state == OPEN);
  }

  public final void listForRead() {
    if (!listedForRead) {
      listedForRead = true;
      loop.batch().listForRead(this);
    }
  }

  // Ending

  @Override
  public final void close() {
    if (state == OPEN) {
      open = false;
      state = CLOSING;
      loop.setTimer(this, loop.lingerNanos());
      closing();
      loop.batch().noteChange(this);
    }
  }

  @Override
  public final void abort() {
    end(CloseReason.ABORTED);
  }

  @Override
  public final void fail(Throwable cause) {
    report(cause);
    end(CloseReason.FAILED);
  }

  private void report(Throwable cause) {
    loop.owner().reportFailure(this, " failed and is aborted", cause);
  }

  public final void end(CloseReason why) {
    if (state != ENDED) {
      loop.spins.progress();
      // First: what stands in no list would never be finished.
      loop.batch().listEnded(this);
      reason = why;
      open = false;
      state = ENDED;
    }
  }

  /// What is pending is offered once more.
  public final void endWithEngine() {
    if (state != ENDED) {
      offerPending();
      end(CloseReason.ENGINE_CLOSED);
    }
  }

  /// The end of the batch in which it ended: the descriptor goes, and the protocol is told. Throws
  /// nothing.
  public final void finish() {
    finished = true;
    attempt(this::releaseOutput);
    attempt(() -> giveUp(reason == CloseReason.ABORTED || reason == CloseReason.FAILED));
    BufferedConnection before = loop.owner().enterTurn(this);
    try {
      protocol().onClosed(this, reason);
    } catch (Throwable t) {
      report(t);
    } finally {
      loop.owner().leaveTurn(before);
    }
    attempt(this::releaseOutput);
  }

  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (Throwable t) {
      report(t);
    }
  }

  @Override
  public final Owner owner() {
    return loop.owner();
  }

  @Override
  public final boolean isInTurn() {
    return loop.owner().isInTurn(this);
  }

  @Override
  public final boolean isOpen() {
    return open;
  }

  @Override
  public final void setTimer(long delayNanos) {
    if (state == OPEN) {
      loop.setTimer(this, delayNanos);
    }
  }

  @Override
  public final void cancelTimer() {
    if (state == OPEN) {
      loop.cancelTimer(this);
    }
  }

  @Override
  public final BufferPool buffers() {
    return loop.buffers();
  }

  @Override
  public final boolean enter(Inbox.Entry entry) {
    return loop.owner().enter(entry);
  }

  @Override
  public final int taskCapacity() {
    return loop.options.mailboxCapacity();
  }
}
