package dev.pollux.net.internal;

import dev.pollux.net.CloseReason;
import dev.pollux.sys.Errno;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/// The thread of one client: receives, has its connection handle what came, and sends what that
/// wrote, until the client is gone.
///
/// A parked virtual thread keeps its stack on the heap, so it waits as few frames deep as can be:
/// in [#run] itself.
final class Worker implements Runnable {
  private static final int TURNS_IN_A_ROW = 64;

  private final ThreadConnection connection;
  private final ThreadEngine engine;

  Worker(ThreadConnection connection, ThreadEngine engine) {
    this.connection = connection;
    this.engine = engine;
  }

  @Override
  public void run() {
    Desks.Seat seat = engine.desks().seat();
    try {
      open(seat);
      int inVain = 0;
      for (int turn = 1; !connection.hasEnded(); turn++) {
        if (receive(seat) == -Errno.EAGAIN) {
          // What came before is handled: nothing is held while it waits.
          seat.leave();
          connection.waiting().awaitReadable();
          if (++inVain > SpinDetector.LOOP_TOLERATES) {
            pauseInVain(inVain);
          }
          continue;
        }
        inVain = 0;
        if (turn % TURNS_IN_A_ROW == 0) {
          connection.waiting().letOthersRun();
        }
      }
      connection.finish(seat.desk().kernel());
    } catch (Throwable t) {
      engine.workerFailed(connection, t);
    } finally {
      seat.leave();
      engine.ended(connection);
    }
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
    engine.begins(connection);
    connection.inTurn(() -> connection.protocol().onOpen(connection));
    connection.write(seat);
  }

  /// One recv(2), and what follows from it; what it returned.
  private int receive(Desks.Seat seat) {
    ReadingGate reading = connection.reading();
    if (reading.isSuspended()) {
      seat.leave();
      reading.awaitOpen(connection::isOpen);
    }
    MemorySegment buffer = seat.desk().receiveBuffer();
    int received = seat.desk().kernel().recv(connection.fd, buffer, 0);
    if (received > 0) {
      if (reading.isSuspended()) {
        // By another thread, while the worker was in the call.
        reading.awaitOpen(connection::isOpen);
      }
      connection.received(buffer, received);
      connection.write(seat);
      return received;
    }
    switch (-received) {
      case 0 -> endOfInput(seat);
      case Errno.EINTR, Errno.EAGAIN -> {}
      // ECONNRESET, ETIMEDOUT, EHOSTUNREACH ...: the connection is gone, whatever the number says.
      default -> connection.endFor(CloseReason.RESET);
    }
    return received;
  }

  private void endOfInput(Desks.Seat seat) {
    connection.inTurn(connection::tellEndOfInput);
    connection.write(seat);
    seat.leave();
    connection.reading().awaitWhile(connection::outlivesItsInput);
    connection.endFor(CloseReason.CLOSED);
    connection.write(seat);
  }
}
