package dev.pollux.session;

import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/// Looks for signs of life of a session's peer, and does what [Liveness] says. It has the
/// connection's timer while the session is open; the closing handshake takes it over. As the owner.
final class KeepAliveWatch {
  private KeepAliveWatch() {}

  /// The session is open.
  static void start(WebSocketSession session) {
    int tick = session.sessions.options().keepAlive().tickMillis();
    if (tick > 0) {
      // Somewhere in the tick, so that those who come together are not pinged together ever after.
      setTimer(session, session.sessions.spread(tick / 2, tick) + 1);
    }
  }

  /// The timer is over.
  static void look(WebSocketSession session) {
    KeepAlive rules = session.sessions.options().keepAlive();
    // Who is not listened to can't be heard.
    boolean heard = session.heard || session.readingHeld;
    int passed = Liveness.passedMillis(rules, session.pingSent);
    boolean unanswered = session.pingSent && !heard;
    session.silentMillis = heard ? 0 : session.silentMillis + passed;
    // Messages may wait where nobody reads.
    boolean mayBeIdle = !session.active && !session.isReadingStopped();
    session.idleMillis = mayBeIdle ? session.idleMillis + passed : 0;
    int unfinishedMillis = lookAtMessage(session, passed);
    session.heard = false;
    session.active = false;
    session.pingSent = false;
    if (session.compression != null) {
      session.compression.onIdle();
    }
    switch (Liveness.judge(
        rules, unanswered, session.silentMillis, session.idleMillis, unfinishedMillis)) {
      case LOOK_AGAIN -> setTimer(session, rules.tickMillis());
      case PING -> sendPing(session, (int) rules.pingTimeout().toMillis());
      case IDLE -> {
        session.sessions.counters().idleTimeouts.increment();
        Closing.start(session, CloseCode.GOING_AWAY, "idle");
      }
      case TOO_SLOW -> {
        session.sessions.counters().messageTimeouts.increment();
        Closing.fail(session, CloseCode.POLICY_VIOLATION, "a message took too long");
      }
      case DEAD -> {
        int timeout = (int) rules.pingTimeout().toMillis();
        if (session.connection.isPeerTaking(timeout)) {
          // It reads slowly, and the ping is behind what it has not read.
          session.pingSent = true;
          setTimer(session, timeout);
          return;
        }
        session.sessions.counters().pingTimeouts.increment();
        session.closeReason = "the peer was silent and answered no ping";
        session.connection.abort();
      }
    }
  }

  /// How long the message has been unfinished of which something is kept, as far as it was seen.
  private static int lookAtMessage(WebSocketSession session, int passedMillis) {
    Extras extras = session.extras;
    if (!session.assembler.isStillUnfinished()) {
      if (extras != null) {
        extras.unfinishedMillis = 0;
      }
      return 0;
    }
    extras = session.extras();
    // Who is not read from can't finish it.
    if (!session.isReadingStopped()) {
      extras.unfinishedMillis += passedMillis;
    }
    return extras.unfinishedMillis;
  }

  private static void sendPing(WebSocketSession session, int timeoutMillis) {
    session.pingSent = true;
    // With so much pending the peer has enough to acknowledge.
    if (Outgoing.hasRoomForAnswer(session)) {
      Frames.write(session, Opcode.PING, true, MemorySegment.NULL, 0, 0);
    }
    setTimer(session, timeoutMillis);
  }

  private static void setTimer(WebSocketSession session, int millis) {
    session.connection.setTimer(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
