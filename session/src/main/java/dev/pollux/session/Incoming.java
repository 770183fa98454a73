package dev.pollux.session;

import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.FrameSink;
import dev.pollux.websocket.ProtocolViolation;
import java.lang.foreign.MemorySegment;

/// The receiving half of a session: whether it reads, and what has been received. As the owner.
///
/// Two may want the peer to wait, and it is read from when neither does:
///
/// ```
///                 output above the high watermark           output at the low one
///   not paused  ------------------------------------> paused ---------------------> not paused
///   not held    ------------------------------------> held   ---------------------> not held
///                 the application: pauseReading()           resumeReading(), or a close
/// ```
///
/// Reading stops between two frames, in the midst of what one receive has brought; the rest is kept
/// and comes first when it goes on. So a handler that answers each message loses nothing, however
/// many the peer has sent at once.
final class Incoming {
  private Incoming() {}

  // What was received

  /// Takes received bytes, or keeps them.
  static void received(WebSocketSession session, MemorySegment buffer, int offset, int length) {
    Extras extras = session.extras;
    if (session.isReadingStopped() || (extras != null && extras.holdsInput())) {
      session.extras().hold(session.connection.buffers(), buffer, offset, length);
      return;
    }
    int taken = parse(session, buffer, offset, length);
    if (taken < length) {
      session
          .extras()
          .hold(session.connection.buffers(), buffer, offset + (long) taken, length - taken);
    }
  }

  private static int parse(WebSocketSession session, MemorySegment buffer, int offset, int length) {
    Batch current = Batch.begin();
    session.batch = current;
    try {
      FrameSink sink = session.compression == null ? session.assembler : session.compression;
      return session.parser.parse(buffer, offset, length, sink);
    } catch (ProtocolViolation violation) {
      Closing.violated(session, violation);
      return length;
    } finally {
      session.batch = null;
      current.end(session.sessions.counters());
    }
  }

  /// Works off what was kept, as far as reading is not stopped again.
  private static void workOffHeld(WebSocketSession session) {
    Extras extras = session.extras;
    while (extras != null && !session.isReadingStopped()) {
      HeldInput next = extras.nextHeld();
      if (next == null) {
        return;
      }
      int taken =
          session.takesInput()
              ? parse(session, next.memory(), next.offset(), next.length())
              : next.length();
      if (taken < next.length()) {
        extras.holdAgain(next.after(taken));
      } else {
        session.connection.buffers().giveBack(next.memory());
      }
    }
  }

  // Whether it reads

  /// Too much output is pending.
  static void pauseForOutput(WebSocketSession session) {
    if (session.readingPaused || !session.canSend()) {
      return;
    }
    session.readingPaused = true;
    session.sessions.counters().pauses.increment();
    if (!session.readingHeld) {
      stop(session);
    }
  }

  /// The pause for pending output is over.
  static void endPause(WebSocketSession session) {
    if (session.readingPaused) {
      session.readingPaused = false;
      goOn(session);
    }
  }

  /// The application lets the peer wait, or does not any more.
  static void hold(WebSocketSession session, boolean hold) {
    if (hold == session.readingHeld || (hold && !session.canSend())) {
      return;
    }
    session.readingHeld = hold;
    if (!hold) {
      goOn(session);
    } else if (!session.readingPaused) {
      stop(session);
    }
  }

  /// Reads on, whatever is pending and whoever wants the peer to wait.
  static void readOn(WebSocketSession session) {
    boolean stopped = session.isReadingStopped();
    session.readingPaused = false;
    session.readingHeld = false;
    if (stopped) {
      goOn(session);
    }
  }

  private static void stop(WebSocketSession session) {
    FrameParser parser = session.parser;
    parser.pause();
    session.connection.suspendReading();
  }

  private static void goOn(WebSocketSession session) {
    if (session.isReadingStopped()) {
      return;
    }
    session.parser.resume();
    Extras extras = session.extras;
    if (extras == null || !extras.holdsInput()) {
      session.connection.resumeReading();
    } else if (!session.workingOff) {
      // Not from here: a callback may be on the stack.
      session.workingOff = true;
      if (!session.connection.enter(() -> workOff(session))) {
        session.workingOff = false;
      }
    }
  }

  private static void workOff(WebSocketSession session) {
    session.workingOff = false;
    workOffHeld(session);
    Extras extras = session.extras;
    if (!session.isReadingStopped() && (extras == null || !extras.holdsInput())) {
      session.connection.resumeReading();
    }
  }
}
