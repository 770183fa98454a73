package dev.pollux.net.internal.thread;

import dev.pollux.net.CloseReason;
import dev.pollux.net.internal.SpinDetector;
import dev.pollux.sys.Errno;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/// The thread of one client: receives, has its connection handle what came, and sends what that
/// wrote, until the client is gone.
///
/// A parked virtual thread keeps its stack on the heap, so it waits as few frames deep as can be:
/// in [#run] itself. Frames that began as interpreted ones, in a JVM that had just started, stay so
/// and are slower to park each time; so a worker that has turned for a while is relieved by another
/// thread, which takes the connection as it is.
public final class Worker implements Runnable {
  private static final int TURNS_IN_A_ROW = 64;
  private static final int TURNS_BEFORE_RELIEF = 1024;

  private final ThreadConnection connection;
  private final ThreadEngine engine;
  private boolean opened;

  /// What the last receive had room for.
  private long room;

  public Worker(ThreadConnection connection, ThreadEngine engine) {
    this.connection = connection;
    this.engine = engine;
  }

  public ThreadConnection connection() {
    return connection;
  }

  @Override
  public void run() {
    Desks.Seat seat = engine.desks().seat();
    boolean relieved = false;
    try {
      if (!opened) {
        open(seat);
      }
      int inVain = 0;
      long couriersSent = 0;
      for (int turn = 1; !connection.hasEnded(); turn++) {
        int received = receive(seat);
        inVain = received == -Errno.EAGAIN ? inVain + 1 : 0;
        if (leavesNothing(received) && !connection.hasEnded()) {
          // What came before is handled: nothing is held while it waits.
          seat.leave();
          // Not one that is woken in vain: the next one would have to find that out again.
          if (turn > TURNS_BEFORE_RELIEF
              && inVain == 0
              && engine.connectionThreads().relieve(this)) {
            relieved = true;
            return;
          }
          connection.waiting.awaitReadable();
          if (inVain > SpinDetector.LOOP_TOLERATES) {
            pauseInVain(inVain);
          }
        } else if (turn % TURNS_IN_A_ROW == 0 || engine.couriers().sent() != couriersSent) {
          // Also to let those bring it to whom it has sent something.
          couriersSent = engine.couriers().sent();
          connection.waiting.letOthersRun();
        }
      }
    } catch (Throwable t) {
      // Out of memory, most likely: whatever it was, nobody else has this connection.
      connection.failed(seat, t);
    } finally {
      if (!relieved) {
        finish(seat);
      }
      seat.leave();
    }
  }

  private void finish(Desks.Seat seat) {
    try {
      connection.finish(seat);
    } catch (Throwable t) {
      engine.reportFailure("the end of " + connection + " failed", t);
    } finally {
      engine.connectionThreads().ended(connection);
    }
  }

  /// Whether nothing more can be received before something comes, after a receive that ended so.
  private boolean leavesNothing(int received) {
    return received == -Errno.EAGAIN
        || (received > 0 && connection.waiting.wouldWait(received, room));
  }

  /// Told again and again that there is something to receive, and there is nothing.
  private void pauseInVain(int inARow) {
    engine.wokenInVain();
    long nanos = SpinDetector.pauseNanos(inARow - SpinDetector.LOOP_TOLERATES);
    String why = "descriptor " + connection.fd + " is reported ready (read)";
    SpinDetector.tell(engine.log(), inARow, why, nanos);
    LockSupport.parkNanos(nanos);
  }

  private void open(Desks.Seat seat) {
    opened = true;
    engine.begins(connection);
    connection.open(seat);
  }

  /// One recv(2), and what follows from it; what it returned.
  private int receive(Desks.Seat seat) {
    ReadingGate reading = connection.reading;
    if (reading.isSuspended()) {
      seat.leave();
      reading.awaitOpen(connection::isOpen);
    }
    MemorySegment buffer = seat.desk().receiveBuffer();
    room = buffer.byteSize();
    int received = seat.desk().kernel().recv(connection.fd, buffer, 0);
    if (received > 0) {
      if (reading.isSuspended()) {
        // By another thread, while the worker was in the call.
        reading.awaitOpen(connection::isOpen);
      }
      connection.received(seat, buffer, received);
      return received;
    }
    switch (-received) {
      case 0 -> endOfInput(seat);
      case Errno.EINTR, Errno.EAGAIN -> {}
      // ECONNRESET, ETIMEDOUT, EHOSTUNREACH ...: the connection is gone, whatever the number says.
      default -> connection.endFor(seat, CloseReason.RESET);
    }
    return received;
  }

  private void endOfInput(Desks.Seat seat) {
    connection.inputEnded(seat);
    seat.leave();
    connection.reading.awaitWhile(connection::outlivesItsInput);
    connection.endFor(seat, CloseReason.CLOSED);
  }
}
