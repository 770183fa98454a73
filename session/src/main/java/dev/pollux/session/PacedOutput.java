package dev.pollux.session;

import dev.pollux.net.Connection;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What happens when a session's output fills, and when it has drained. A superclass for the same
/// reason as [SessionOutput].
///
/// What is pending is the connection's output and the frames that other threads have handed over
/// and the owner has not written yet. Everything but the volatile fields is the owner's alone.
///
/// ```
///                pending > high                          pending <= low, seen in onDrained
///   flowing --------------------> draining: onDrain is owed to those told BACKPRESSURE, -------> flowing
///                                 reading is paused if the policy says so
/// ```
abstract class PacedOutput extends ReadingSide {
  private static final VarHandle HANDED_OVER;

  static {
    try {
      HANDED_OVER =
          MethodHandles.lookup().findVarHandle(PacedOutput.class, "handedOver", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// Bytes of the frames that other threads have handed over and the owner has not written yet.
  volatile int handedOver;

  /// For other threads: what the connection had pending when it was above the high watermark and
  /// the owner last looked.
  volatile int pendingSeen;

  /// Somebody was told BACKPRESSURE, and is to be told when it is over.
  boolean drainOwed;

  PacedOutput(Sessions sessions, Connection connection, boolean masks) {
    super(sessions, connection, masks);
  }

  /// Tells the handler that output has drained. As the owner.
  abstract void tellDrained();

  /// Sends the pong that had to wait. As the owner.
  abstract void answerLatestPing();

  /// Counts bytes that are handed over, or (negative) have been written. Any thread.
  ///
  /// @return how many were handed over before
  final int addHandedOver(int bytes) {
    return (int) HANDED_OVER.getAndAdd(this, bytes);
  }

  /// More is pending than the policy likes. As the owner.
  final void aboveHighWatermark() {
    pendingSeen = connection.pendingOutput();
    if (sessions.options().output().pauseReading()) {
      pauseForOutput();
    }
  }

  /// Output went out: the end of a pause, if enough did. As the owner, after each flush that made
  /// progress.
  final void outputDrained() {
    if (!drainOwed && !isReadingPaused() && pendingSeen == 0) {
      return;
    }
    // Nothing is read, so that what the peer takes has to do as a sign of life.
    heard |= isReadingPaused();
    int pending = connection.pendingOutput();
    boolean low = handedOver + pending <= sessions.options().output().lowWatermarkBytes();
    pendingSeen = low ? 0 : pending;
    if (!low) {
      return;
    }
    answerLatestPing();
    endPause();
    if (drainOwed) {
      drainOwed = false;
      if (canSend()) {
        tellDrained();
      }
    }
  }

  /// Whether an answer to what the peer sent may be added to what is pending. As the owner.
  final boolean hasRoomForAnswer() {
    return handedOver + connection.pendingOutput() <= sessions.options().output().maxPendingBytes();
  }
}
