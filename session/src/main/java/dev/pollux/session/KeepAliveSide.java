package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/// The part of a session that looks for signs of life ([KeepAlive]). It has the connection's timer
/// while the session is open; the closing handshake takes it over. A superclass for the same reason
/// as [SessionOutput].
///
/// ```
///            heard: again in a tick                    heard
///            +----+             +-------------------------------------------+
///            |    v             v                                           |
///            +- LOOKING (a tick) --silent for pingInterval: ping--> WAITING (pingTimeout)
///                   | no message for idleTimeout                            | silent
///                   v                                                       v
///                close with 1001                                     dropped, 1006
/// ```
abstract class KeepAliveSide extends HandlerSide {
  // How long there was no sign of life, and no message: the sum of the timers that saw none.
  private int silentMillis;
  private int idleMillis;
  private boolean pingSent;

  KeepAliveSide(
      Sessions sessions,
      Connection connection,
      WebSocketHandler handler,
      boolean client,
      Opening opening) {
    super(sessions, connection, handler, client, opening);
  }

  /// Ends the connection, because nobody seems to be there. As the owner.
  abstract void dropSilentPeer();

  /// The session is open. As the owner.
  final void startKeepAlive() {
    int tick = sessions.options().keepAlive().tickMillis();
    if (tick > 0) {
      // Somewhere in the tick, so that those who come together are not pinged together ever after.
      setTimerMillis(sessions.spread(tick / 2, tick) + 1);
    }
  }

  /// The timer is over. As the owner.
  final void lookForLife() {
    KeepAlive keepAlive = sessions.options().keepAlive();
    // Who is not listened to can't be heard.
    heard |= isReadingHeld();
    int passed = pingSent ? (int) keepAlive.pingTimeout().toMillis() : keepAlive.tickMillis();
    boolean unanswered = pingSent && !heard;
    silentMillis = heard ? 0 : silentMillis + passed;
    idleMillis = active ? 0 : idleMillis + passed;
    heard = false;
    active = false;
    if (compression != null) {
      compression.onIdle();
    }
    pingSent = false;
    if (unanswered) {
      sessions.counters().pingTimeouts.increment();
      dropSilentPeer();
    } else if (isOver(idleMillis, keepAlive.idleTimeout().toMillis())) {
      sessions.counters().idleTimeouts.increment();
      startClose(CloseCode.GOING_AWAY, "idle");
    } else if (isOver(silentMillis, keepAlive.pingInterval().toMillis())) {
      sendPing((int) keepAlive.pingTimeout().toMillis());
    } else {
      setTimerMillis(keepAlive.tickMillis());
    }
  }

  private static boolean isOver(int passedMillis, long mostMillis) {
    return mostMillis > 0 && passedMillis >= mostMillis;
  }

  private void sendPing(int timeoutMillis) {
    pingSent = true;
    // With so much pending the peer has enough to acknowledge.
    if (hasRoomForAnswer()) {
      writeFrame(Opcode.PING, true, MemorySegment.NULL, 0, 0);
    }
    setTimerMillis(timeoutMillis);
  }

  private void setTimerMillis(int millis) {
    connection.setTimer(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
