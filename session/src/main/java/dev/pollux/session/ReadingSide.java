package dev.pollux.session;

import dev.pollux.net.Connection;

/// The part of a session that decides whether the connection reads. Two may want the peer to wait,
/// and it is read from when neither does. A superclass for the same reason as [SessionOutput].
///
/// ```
///                 output above the high watermark           output at the low one
///   not paused  ------------------------------------> paused ---------------------> not paused
///   not held    ------------------------------------> held   ---------------------> not held
///                 the application: pauseReading()           resumeReading(), or a close
/// ```
abstract class ReadingSide extends FrameOutput {
  /// The peer has shown a sign of life since it was last looked for. The owner's, like the rest.
  boolean heard;

  private boolean readingPaused;
  private boolean readingHeld;

  ReadingSide(Sessions sessions, Connection connection, boolean masks) {
    super(sessions, connection, masks);
  }

  /// Whether no close frame was sent and the connection stands. Any thread.
  abstract boolean canSend();

  /// Too much output is pending. As the owner.
  final void pauseForOutput() {
    if (readingPaused || !canSend()) {
      return;
    }
    readingPaused = true;
    sessions.counters().pauses.increment();
    if (!readingHeld) {
      connection.suspendReading();
    }
  }

  /// Whether reading is paused until output has drained. As the owner.
  final boolean isReadingPaused() {
    return readingPaused;
  }

  /// The pause for pending output is over. As the owner.
  final void endPause() {
    if (readingPaused) {
      readingPaused = false;
      if (!readingHeld) {
        connection.resumeReading();
      }
    }
  }

  /// Reads on, whatever is pending and whoever wants the peer to wait. As the owner.
  final void readOn() {
    endPause();
    holdReading(false);
  }

  @Override
  public final void pauseReading() {
    asOwner(() -> holdReading(true));
  }

  @Override
  public final void resumeReading() {
    asOwner(() -> holdReading(false));
  }

  private void asOwner(Runnable task) {
    if (connection.isOwner()) {
      task.run();
    } else {
      sessions.runAsOwner(connection, task);
    }
  }

  private void holdReading(boolean hold) {
    if (hold == readingHeld || (hold && !canSend())) {
      return;
    }
    readingHeld = hold;
    if (!readingPaused && hold) {
      connection.suspendReading();
    } else if (!readingPaused) {
      connection.resumeReading();
    }
  }

  /// Whether the application lets the peer wait. As the owner.
  final boolean isReadingHeld() {
    return readingHeld;
  }
}
