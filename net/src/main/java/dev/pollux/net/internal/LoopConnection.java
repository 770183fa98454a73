package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// A connection of a readiness loop; every field is the loop thread's.
///
/// ```
///   CONNECTING --connected--> OPEN --close()--> CLOSING --output taken, FIN sent--> LINGERING
///       |                      |                   |                                   | FIN came, or the time is over
///       +----------------------+-- abort, reset ---+-----------------------------------+--> ENDED
/// ```
///
/// `CLOSING` and `LINGERING` throw away what arrives. `ENDED` is finished at the end of the batch
/// of events in which it came about: only then is the descriptor closed, so that its number can't
/// come back within the batch.
final class LoopConnection implements Connection, Watched {
  private static final byte CONNECTING = 0;
  private static final byte OPEN = 1;
  private static final byte CLOSING = 2;
  private static final byte LINGERING = 3;
  private static final byte ENDED = 4;

  /// Receives in a row for one connection under an edge-triggered poller before the others have
  /// their turn.
  private static final int RECEIVES_IN_A_ROW = 16;

  private final ReadinessLoop loop;
  private final int fd;
  private final @Nullable PeerAddress peer;
  private Protocol protocol;
  private @Nullable Output output;
  private byte state;
  private byte registered;
  private boolean readingSuspended;
  private boolean endOfInput;

  /// The kernel refused output; it goes on when the poller says that the descriptor is writable.
  private boolean writeBlocked;

  /// It stands in the loop's list of connections to be flushed at the end of the batch.
  private boolean listedForFlush;

  /// It stands in the loop's list of connections to be read again without waiting for an event.
  private boolean listedForRead;

  private boolean failedToConnect;

  /// The descriptor is closed.
  private boolean finished;

  private volatile boolean open;
  private CloseReason reason = CloseReason.CLOSED;

  LoopConnection(
      ReadinessLoop loop,
      int fd,
      @Nullable PeerAddress peer,
      Protocol protocol,
      boolean connected) {
    this.loop = loop;
    this.fd = fd;
    this.peer = peer;
    this.protocol = protocol;
    this.state = connected ? OPEN : CONNECTING;
    this.open = connected;
  }

  int fd() {
    return fd;
  }

  /// What it is registered for first.
  int firstInterest() {
    int interest = state == CONNECTING ? Interest.WRITE : Interest.READ;
    registered = (byte) (loop.edgeTriggered() ? Interest.READ | Interest.WRITE : interest);
    return registered;
  }

  /// Tells the protocol that the connection is there, and sends what it wrote.
  void opened() {
    try {
      protocol.onOpen(this);
    } catch (Throwable t) {
      fail(t);
    }
    flush();
  }

  /// Says the refusal in the protocol's words: what it writes is offered to the kernel once.
  void refused(Refusal refusal) {
    try {
      protocol.onRefused(this, refusal);
    } catch (Throwable t) {
      loop.reportFailure(this, t);
    }
    Output pending = output;
    if (pending != null) {
      pending.flush(loop.kernel(), fd, loop.pieces(), Socket.MSG_DONTWAIT);
    }
    open = false;
    state = ENDED;
    finished = true;
    releaseOutput();
  }

  // Events

  @Override
  public void onReady(int readiness) {
    if (state == CONNECTING) {
      continueConnecting();
      return;
    }
    if ((readiness & Interest.WRITE) != 0 && writeBlocked) {
      writeBlocked = false;
    }
    boolean inputWanted = !endOfInput && !(readingSuspended && state == OPEN);
    if (!inputWanted) {
      // A receive would tell that the peer is gone, but none is due; the poller would tell again
      // and again.
      if ((readiness & Interest.HANGUP) != 0) {
        end(CloseReason.RESET);
      }
    } else if ((readiness & (Interest.READ | Interest.HANGUP)) != 0) {
      receive();
    }
    flush();
  }

  /// Reads again without an event: an edge-triggered poller won't tell twice.
  void readAgain() {
    listedForRead = false;
    if (state != CONNECTING && state != ENDED && !endOfInput) {
      receive();
      flush();
    }
  }

  @Override
  public void onTimer() {
    switch (state) {
      case OPEN, CONNECTING -> {
        try {
          protocol.onTimer(this);
        } catch (Throwable t) {
          fail(t);
        }
        flush();
      }
      // The peer took too long: what is still pending is lost, which it learns by a reset.
      case CLOSING -> end(CloseReason.ABORTED);
      case LINGERING -> end(CloseReason.CLOSED);
      default -> {}
    }
  }

  private void receive() {
    int turns = loop.edgeTriggered() ? RECEIVES_IN_A_ROW : 1;
    while (turns-- > 0) {
      if (state == ENDED || (readingSuspended && state == OPEN)) {
        return;
      }
      int received = loop.kernel().recv(fd, loop.receiveBuffer(), 0);
      if (received > 0) {
        if (state == OPEN) {
          deliver(received);
        }
      } else if (received == 0) {
        inputEnded();
        return;
      } else if (!mayReceiveMore(received)) {
        return;
      }
    }
    if (loop.edgeTriggered()) {
      listForRead();
    }
  }

  private boolean mayReceiveMore(int result) {
    return switch (-result) {
      case Errno.EAGAIN -> false;
      case Errno.EINTR -> true;
      // ECONNRESET, ETIMEDOUT, EHOSTUNREACH ...: the connection is gone, whatever the number says.
      default -> {
        end(CloseReason.RESET);
        yield false;
      }
    };
  }

  private void deliver(int received) {
    try {
      protocol.onBytes(this, loop.receiveBuffer(), 0, received);
    } catch (Throwable t) {
      fail(t);
    }
  }

  private void inputEnded() {
    endOfInput = true;
    if (state == LINGERING) {
      end(CloseReason.CLOSED);
    } else if (state == OPEN) {
      try {
        protocol.onEndOfInput(this);
      } catch (Throwable t) {
        fail(t);
      }
    }
  }

  private void continueConnecting() {
    // connect(2) again tells without guessing: a poller that calls everything ready says nothing of
    // the outcome.
    int result = loop.connectAgain(this);
    switch (-result) {
      case 0, Errno.EISCONN -> {
        state = OPEN;
        open = true;
        updateInterest();
        opened();
      }
      case Errno.EALREADY, Errno.EINPROGRESS, Errno.EINTR -> {}
      default -> connectFailed(result);
    }
  }

  void connectFailed(int result) {
    IOException cause = new IOException("connect " + peer + ": " + Errno.describe(result));
    failedToConnect = true;
    state = ENDED;
    loop.listEnded(this);
    try {
      protocol.onConnectFailed(cause);
    } catch (Throwable t) {
      loop.reportFailure(this, t);
    }
  }

  // Output

  @Override
  public MemorySegment reserve(int length) {
    Output pending = output;
    if (pending == null) {
      pending = loop.takeOutput();
      output = pending;
    }
    return pending.reserve(length, writeBlocked);
  }

  @Override
  public int reservedOffset() {
    Output pending = output;
    return pending == null ? 0 : pending.reservedOffset();
  }

  @Override
  public void commit(int length) {
    Output pending = output;
    if (state == OPEN && pending != null) {
      pending.commit(length);
      loop.noteChange(this);
    }
  }

  @Override
  public int pendingOutput() {
    Output pending = output;
    return pending == null ? 0 : pending.pendingBytes();
  }

  boolean markListedForFlush() {
    boolean first = !listedForFlush;
    listedForFlush = true;
    return first;
  }

  void flushListed() {
    listedForFlush = false;
    flush();
  }

  /// Offers the output to the kernel, tells the protocol of progress, and brings the interest up to
  /// date.
  private void flush() {
    if (state == ENDED) {
      if (finished) {
        releaseOutput();
      }
      return;
    }
    Output pending = output;
    if (pending != null && !writeBlocked) {
      flush(pending);
    }
    if (state == CLOSING && output == null) {
      finishOutput();
    }
    updateInterest();
    if (output != null && !writeBlocked && state != ENDED) {
      // onDrained wrote more: others have their turn first.
      loop.listForFlush(this);
    }
  }

  private void flush(Output pending) {
    if (state == OPEN) {
      try {
        protocol.onFlush(this);
      } catch (Throwable t) {
        fail(t);
        return;
      }
    }
    int before = pending.pendingBytes();
    int result = pending.flush(loop.kernel(), fd, loop.pieces(), 0);
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
    if (progress && state == OPEN) {
      try {
        protocol.onDrained(this);
      } catch (Throwable t) {
        fail(t);
      }
    } else if (progress && state == CLOSING) {
      loop.setTimer(fd, loop.lingerNanos());
    }
  }

  private void finishOutput() {
    if (endOfInput) {
      end(CloseReason.CLOSED);
      return;
    }
    state = LINGERING;
    int result = loop.kernel().shutdown(fd, Socket.SHUT_WR);
    if (result < 0) {
      // ENOTCONN: the peer has reset it meanwhile.
      end(CloseReason.RESET);
    }
  }

  private void releaseOutput() {
    Output pending = output;
    if (pending != null) {
      output = null;
      pending.discard();
      loop.putOutput(pending);
    }
  }

  // Reading

  @Override
  public void suspendReading() {
    readingSuspended = true;
    loop.noteChange(this);
  }

  @Override
  public void resumeReading() {
    if (readingSuspended) {
      readingSuspended = false;
      if (loop.edgeTriggered()) {
        listForRead();
      }
      loop.noteChange(this);
    }
  }

  private void listForRead() {
    if (!listedForRead) {
      listedForRead = true;
      loop.listForRead(this);
    }
  }

  private void updateInterest() {
    if (state == ENDED || loop.edgeTriggered()) {
      return;
    }
    boolean read = !endOfInput && (!readingSuspended || state != OPEN);
    int wanted =
        state == CONNECTING
            ? Interest.WRITE
            : (read ? Interest.READ : 0) | (writeBlocked ? Interest.WRITE : 0);
    if (wanted != registered) {
      registered = (byte) wanted;
      int result = loop.changeInterest(this, wanted);
      if (result < 0) {
        fail(new IOException("changing the interest: " + Errno.describe(result)));
      }
    }
  }

  // Ending

  @Override
  public void close() {
    if (state == OPEN) {
      open = false;
      state = CLOSING;
      loop.setTimer(fd, loop.lingerNanos());
      if (loop.edgeTriggered() && readingSuspended) {
        listForRead();
      }
      loop.noteChange(this);
    } else if (state == CONNECTING) {
      end(CloseReason.CLOSED);
    }
  }

  @Override
  public void abort() {
    end(CloseReason.ABORTED);
  }

  private void fail(Throwable cause) {
    loop.reportFailure(this, cause);
    end(CloseReason.FAILED);
  }

  private void end(CloseReason why) {
    if (state != ENDED) {
      reason = why;
      open = false;
      state = ENDED;
      loop.listEnded(this);
    }
  }

  /// The engine ends: what is pending is offered once more.
  void endWithEngine() {
    Output pending = output;
    if (state != ENDED) {
      if (pending != null) {
        pending.flush(loop.kernel(), fd, loop.pieces(), 0);
      }
      end(CloseReason.ENGINE_CLOSED);
    }
  }

  /// The end of the batch in which it ended: the descriptor goes, and the protocol is told.
  void finish() {
    finished = true;
    releaseOutput();
    loop.closeDescriptor(fd, reason == CloseReason.ABORTED || reason == CloseReason.FAILED);
    if (failedToConnect) {
      return;
    }
    try {
      protocol.onClosed(this, reason);
    } catch (Throwable t) {
      loop.reportFailure(this, t);
    }
    releaseOutput();
  }

  // The rest of the contract

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return peer == null ? null : peer.toInetSocketAddress();
  }

  @Override
  public boolean isOwner() {
    return loop.isOwner();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void setTimer(long delayNanos) {
    if (state == OPEN || state == CONNECTING) {
      loop.setTimer(fd, delayNanos);
    }
  }

  @Override
  public void cancelTimer() {
    if (state == OPEN || state == CONNECTING) {
      loop.cancelTimer(fd);
    }
  }

  @Override
  public BufferPool buffers() {
    return loop.buffers();
  }

  @Override
  public void handOver(Protocol next, MemorySegment buffer, int offset, int length) {
    protocol = next;
    next.onOpen(this);
    if (length > 0 && state == OPEN) {
      next.onBytes(this, buffer, offset, length);
    }
  }

  @Override
  public boolean execute(Runnable task) {
    return loop.execute(task);
  }

  @Override
  public String toString() {
    return "connection " + peer + " (fd " + fd + ")";
  }
}
