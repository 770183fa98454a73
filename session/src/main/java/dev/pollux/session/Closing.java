package dev.pollux.session;

import dev.pollux.net.MemoryRefusal;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.ProtocolViolation;
import dev.pollux.websocket.Rule;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The closing handshake of a session (RFC 6455 §7). As the owner.
///
/// ```
///          close(), or a handler threw (1011):
///          close frame out, close timer set                 the peer's close frame
///   OPEN -------------------------------------> CLOSE_SENT -------------------------+
///    |                                                                              v
///    +-- the peer's close frame: answered with the same code ------------------> ENDING --> ENDED
///    +-- a violation: close frame with its code (1002, 1007, 1008, 1009, 1013), -^  ^
///    |   or a message that took too long (1008)                                     |
///    +-- FIN without a close frame (1006) ------------------------------------------+
///
///   CLOSE_SENT: messages are thrown away; the close timer aborts the connection
///   ENDING:     whatever comes is thrown away. A server ends the TCP connection; a client waits for that, but not
///               longer than the close timer
///   ENDED:      from any state when the connection is gone; onClose, exactly once
/// ```
final class Closing {
  static final byte OPEN = 0;
  static final byte CLOSE_SENT = 1;
  static final byte ENDING = 2;
  static final byte ENDED = 3;

  private static final Logger LOG = LoggerFactory.getLogger(WebSocketSession.class);
  private static final int MAX_REASON_BYTES = FrameWriter.MAX_CONTROL_BYTES - 2;

  private Closing() {}

  /// Any thread.
  static void check(int code, String reason) {
    if (!CloseCode.mayBeSent(code)) {
      throw new IllegalArgumentException(
          "close code " + code + " must not be sent (RFC 6455 §7.4)");
    }
    if (reason.length() > MAX_REASON_BYTES
        || reason.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES) {
      throw new IllegalArgumentException(
          "a close reason of more than 123 bytes (RFC 6455 §5.5): " + reason);
    }
  }

  /// Begins it, unless it has begun.
  static void start(WebSocketSession session, int code, String reason) {
    if (!session.canSend()) {
      return;
    }
    session.state = CLOSE_SENT;
    writeClose(session, code, reason);
    // The peer's close frame has to be seen, also behind a backlog of what it sent.
    Incoming.readOn(session);
    startTimer(session);
  }

  /// The peer's close frame came.
  static void peerClosed(WebSocketSession session, int code, String reason) {
    session.closeCode = (short) code;
    session.closeReason = reason;
    if (session.state == OPEN) {
      writeClose(session, code, "");
      startTimer(session);
    }
    session.state = ENDING;
    // RFC 6455 §7.1.1: the server ends the TCP connection first, so that TIME_WAIT stays on its
    // side.
    if (!session.masks) {
      endConnection(session);
    }
  }

  /// The peer broke a rule.
  static void violated(WebSocketSession session, ProtocolViolation violation) {
    session.sessions.counters().violations.increment();
    if (violation.rule() == Rule.MESSAGE_IS_WITHIN_MEMORY) {
      session.sessions.memory().refused(MemoryRefusal.GATHER);
    }
    LOG.debug("{}: {}", session.connection, violation.getMessage());
    fail(session, violation.closeCode(), String.valueOf(violation.getMessage()));
  }

  /// Ends the connection without waiting for the peer's close frame: nothing that it sends is of
  /// interest any more.
  static void fail(WebSocketSession session, int code, String reason) {
    if (session.state == OPEN) {
      session.closeCode = (short) code;
      session.closeReason = reason;
      writeClose(session, code, reason);
    }
    // At once: the peer may take its time to go.
    session.assembler.discard();
    if (session.compression != null) {
      session.compression.discard();
    }
    endConnection(session);
  }

  static void endConnection(WebSocketSession session) {
    session.state = ENDING;
    session.connection.close();
  }

  /// The close timer is over: since the close frame there has been no other one.
  static void timeOver(WebSocketSession session) {
    session.sessions.counters().closeTimeouts.increment();
    session.connection.abort();
  }

  private static void startTimer(WebSocketSession session) {
    session.connection.setTimer(session.sessions.options().closeTimeout().toNanos());
  }

  private static void writeClose(WebSocketSession session, int code, String reason) {
    MemorySegment payload = MemorySegment.ofArray(new byte[FrameWriter.MAX_CONTROL_BYTES]);
    int length = code == CloseCode.NO_STATUS ? 0 : FrameWriter.writeClose(payload, 0, code, reason);
    Frames.write(session, Opcode.CLOSE, true, payload, 0, length);
  }
}
