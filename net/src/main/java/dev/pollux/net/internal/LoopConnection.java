package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.net.CloseReason;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A connection of a readiness loop; every field is the loop thread's.
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
final class LoopConnection extends BufferedConnection implements Watched {
  private static final byte OPEN = 1;
  private static final byte CLOSING = 2;
  private static final byte LINGERING = 3;
  private static final byte ENDED = 4;

  /// Receives in a row under an edge-triggered poller before others have their turn.
  private static final int RECEIVES_IN_A_ROW = 16;

  private final ReadinessLoop loop;
  private byte state = OPEN;
  private byte registered;
  private boolean readingSuspended;
  private boolean endOfInput;

  /// It stands in the loop's list of connections to be read again without waiting for an event.
  private boolean listedForRead;

  /// The descriptor is closed.
  private boolean finished;

  private volatile boolean open = true;
  private CloseReason reason = CloseReason.CLOSED;

  LoopConnection(ReadinessLoop loop, int fd, @Nullable PeerAddress peer, Protocol protocol) {
    super(fd, peer, protocol, loop.outputs());
    this.loop = loop;
  }

  /// What it is registered for first.
  int firstInterest() {
    registered = (byte) (loop.edgeTriggered() ? Interest.READ | Interest.WRITE : Interest.READ);
    return registered;
  }

  /// Tells the protocol that the connection is there, and sends what it wrote.
  void opened() {
    tell(connection -> connection.protocol().onOpen(connection));
    flush();
  }

  /// Says the refusal in the protocol's words: what it writes is offered to the kernel once.
  void refused(Refusal refusal) {
    try {
      protocol().onRefused(this, refusal);
    } catch (Throwable t) {
      loop.reportFailure(this, t);
    }
    offerPending();
    open = false;
    state = ENDED;
    finished = true;
    releaseOutput();
  }

  // Events

  @Override
  public void onReady(int readiness) {
    writeBlocked &= (readiness & Interest.WRITE) == 0;
    boolean inputWanted = !endOfInput && !(readingSuspended && state == OPEN);
    if (!inputWanted) {
      // No receive is due that would tell that the peer is gone; the poller tells it for ever.
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
    if (state != ENDED && !endOfInput) {
      receive();
      flush();
    }
  }

  @Override
  public void onTimer() {
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

  private void receive() {
    int turns = loop.edgeTriggered() ? RECEIVES_IN_A_ROW : 1;
    while (turns-- > 0) {
      if (state == ENDED || (readingSuspended && state == OPEN)) {
        return;
      }
      int received = loop.kernel().recv(fd, loop.receiveBuffer(), 0);
      if (received > 0) {
        deliver(received);
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

  /// What arrives after [#close] is thrown away.
  private void deliver(int received) {
    try {
      if (state == OPEN) {
        protocol().onBytes(this, loop.receiveBuffer(), 0, received);
      }
    } catch (Throwable t) {
      fail(t);
    }
  }

  private void tell(Consumer<LoopConnection> callback) {
    try {
      callback.accept(this);
    } catch (Throwable t) {
      fail(t);
    }
  }

  private void inputEnded() {
    endOfInput = true;
    if (state == LINGERING) {
      end(CloseReason.CLOSED);
    } else if (state == OPEN) {
      tell(connection -> connection.protocol().onEndOfInput(connection));
    }
  }

  // Output

  @Override
  boolean takesOutput() {
    return state == OPEN;
  }

  @Override
  void outputAdded() {
    loop.batch().noteChange(this);
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
      loop.batch().listForFlush(this);
    }
  }

  private void flush(Output pending) {
    if (state == OPEN) {
      try {
        protocol().onFlush(this);
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
        protocol().onDrained(this);
      } catch (Throwable t) {
        fail(t);
      }
    } else if (progress && state == CLOSING) {
      loop.watches().setTimer(fd, loop.lingerNanos());
    }
  }

  private void finishOutput() {
    state = LINGERING;
    if (endOfInput) {
      end(CloseReason.CLOSED);
    } else if (loop.kernel().shutdown(fd, Socket.SHUT_WR) < 0) {
      // ENOTCONN: the peer has reset it meanwhile.
      end(CloseReason.RESET);
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
      if (loop.edgeTriggered()) {
        listForRead();
      }
      loop.batch().noteChange(this);
    }
  }

  private void listForRead() {
    if (!listedForRead) {
      listedForRead = true;
      loop.batch().listForRead(this);
    }
  }

  private void updateInterest() {
    if (state == ENDED || loop.edgeTriggered()) {
      return;
    }
    boolean read = !endOfInput && (!readingSuspended || state != OPEN);
    int wanted = (read ? Interest.READ : 0) | (writeBlocked ? Interest.WRITE : 0);
    if (wanted != registered) {
      registered = (byte) wanted;
      int result = loop.watches().change(fd, wanted);
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
      loop.watches().setTimer(fd, loop.lingerNanos());
      if (loop.edgeTriggered() && readingSuspended) {
        listForRead();
      }
      loop.batch().noteChange(this);
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
      loop.batch().listEnded(this);
    }
  }

  /// What is pending is offered once more.
  @Override
  public void endWithEngine() {
    if (state != ENDED) {
      offerPending();
      end(CloseReason.ENGINE_CLOSED);
    }
  }

  private void offerPending() {
    Output pending = output;
    if (pending != null) {
      pending.flush(loop.kernel(), fd, loop.pieces(), Socket.MSG_DONTWAIT);
    }
  }

  /// The end of the batch in which it ended: the descriptor goes, and the protocol is told.
  void finish() {
    finished = true;
    releaseOutput();
    loop.closeDescriptor(fd, reason == CloseReason.ABORTED || reason == CloseReason.FAILED);
    try {
      protocol().onClosed(this, reason);
    } catch (Throwable t) {
      loop.reportFailure(this, t);
    }
    releaseOutput();
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
    if (state == OPEN) {
      loop.watches().setTimer(fd, delayNanos);
    }
  }

  @Override
  public void cancelTimer() {
    if (state == OPEN) {
      loop.watches().cancelTimer(fd);
    }
  }

  @Override
  public BufferPool buffers() {
    return loop.buffers();
  }

  @Override
  public boolean execute(Runnable task) {
    return loop.execute(task);
  }
}
