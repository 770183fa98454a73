package dev.pollux.net.internal.readiness;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.loop.BufferedConnection;
import dev.pollux.net.internal.memory.Output;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A connection of a readiness loop: it is told that its descriptor can be read or written, and
/// then does so.
public final class LoopConnection extends BufferedConnection implements Watched {
  /// Receives in a row under an edge-triggered poller before others have their turn.
  private static final int RECEIVES_IN_A_ROW = 16;

  private final ReadinessLoop loop;
  private byte registered;

  public LoopConnection(ReadinessLoop loop, int fd, @Nullable PeerAddress peer, Protocol protocol) {
    super(loop, fd, peer, protocol);
    this.loop = loop;
  }

  /// What it is registered for first.
  public int firstInterest() {
    registered = (byte) (loop.edgeTriggered() ? Interest.READ | Interest.WRITE : Interest.READ);
    return registered;
  }

  // Events

  @Override
  public void onReady(int readiness) {
    writeBlocked &= (readiness & Interest.WRITE) == 0;
    if (!inputWanted()) {
      if (loop.edgeTriggered()) {
        // Told because something came, which has to wait: that is no vain wake-up.
        loop.spins.progress();
      }
      // No receive is due that would tell that the peer is gone; the poller tells it for ever.
      if ((readiness & Interest.HANGUP) != 0) {
        end(CloseReason.RESET);
      }
    } else if ((readiness & (Interest.READ | Interest.HANGUP)) != 0) {
      receive();
    }
    flush();
  }

  /// An edge-triggered poller won't tell twice.
  @Override
  public void readAgain() {
    listedForRead = false;
    if (state != ENDED && !endOfInput) {
      receive();
      flush();
    }
  }

  /// Not before its socket was looked at: what lies there may be what the timer was set for.
  @Override
  public void onTimer() {
    if (loop.toldAll() || looks > 0 || !inputWanted()) {
      timerOver();
      return;
    }
    loop.watches().setTimer(fd, 0);
    looks++;
    receive();
    flush();
  }

  private void receive() {
    int turns = loop.edgeTriggered() ? RECEIVES_IN_A_ROW : 1;
    while (turns-- > 0) {
      if (state == ENDED || (readingSuspended && state == OPEN)) {
        return;
      }
      int received = loop.kernel().recv(fd, loop.receiveBuffer(), 0);
      if (received > 0) {
        deliver(loop.receiveBuffer(), 0, received);
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
    if (pending != null && !writeBlocked) {
      sendNow(pending, 0);
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

  private void finishOutput() {
    state = LINGERING;
    if (endOfInput) {
      end(CloseReason.CLOSED);
    } else {
      shutdownOutput();
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

  @Override
  public void closing() {
    if (loop.edgeTriggered() && readingSuspended) {
      listForRead();
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
  public void offerPending() {
    Output pending = output;
    if (pending != null) {
      pending.flush(loop.kernel(), fd, loop.pieces(), Socket.MSG_DONTWAIT);
    }
  }

  @Override
  public void giveUp(boolean reset) {
    loop.closeDescriptor(fd, reset);
  }
}
