package dev.pollux.session;

import dev.pollux.net.MemoryBudgetExceededException;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The sending half of a session: who sends what, and by which way it goes.
///
/// ```
///   in a callback of this very session, nothing waits for it --> written at once
///   everybody else, and then too ------------> the inbox --> the owner writes it
/// ```
///
/// So nothing overtakes anything, and nobody writes for another connection.
final class Outgoing {
  static final String TOO_MUCH = "too much output is pending";

  private static final RateLimitedLog DROPS =
      new RateLimitedLog(LoggerFactory.getLogger(WebSocket.class));

  private Outgoing() {}

  // Any thread

  /// Sends a whole message, or a ping.
  ///
  /// @param ours whether nobody else changes the payload's memory, also after the call
  static SendStatus send(
      WebSocketSession from,
      int opcode,
      MemorySegment payload,
      long offset,
      int length,
      boolean ours) {
    return send(from, opcode, true, payload, offset, length, ours);
  }

  /// Sends a frame of a message in parts; the caller sees to the order of its calls.
  static SendStatus sendPart(
      WebSocketSession from, int opcode, boolean fin, MemorySegment payload, int length) {
    return send(from, opcode, fin, payload, 0, length, false);
  }

  private static SendStatus send(
      WebSocketSession from,
      int opcode,
      boolean fin,
      MemorySegment payload,
      long offset,
      int length,
      boolean ours) {
    if (from.connection.isInTurn() && !waits(from)) {
      return write(from, opcode, fin, payload, offset, length);
    }
    MemorySegment kept = ours ? payload : copyOf(payload, offset, length);
    return handOver(from, opcode, fin, kept);
  }

  static MemorySegment copyOf(MemorySegment payload, long offset, int length) {
    return MemorySegment.ofArray(payload.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
  }

  /// Whether something waits for this session in its owner's inbox, or may.
  private static boolean waits(WebSocketSession session) {
    return session.inboxBytes != 0 || groupBytes(session) != 0;
  }

  /// Bytes of its groups' messages that its owner has not got round to. Any thread; the owner knows
  /// it exactly.
  private static long groupBytes(WebSocketSession session) {
    GroupSlot all = session.amongAll;
    long bytes = all == null ? 0 : all.waitingBytes();
    for (Membership at = session.memberships; at != null; at = at.next) {
      bytes += at.slot.waitingBytes();
    }
    return bytes;
  }

  /// Bytes on their way to the output, or waiting in it; any thread, to which it may be a moment
  /// old.
  static int pendingBytes(WebSocketSession session) {
    return (int) Math.min(Integer.MAX_VALUE, pendingBytes(session, true));
  }

  /// @param behindParts with what waits behind a message in parts, by which a part of it is not
  ///   judged
  static long pendingBytes(WebSocketSession session, boolean behindParts) {
    Extras extras = session.extras;
    int wire =
        session.connection.isOwner() ? session.connection.pendingOutput() : session.wireBytesSeen;
    return session.inboxBytes
        + groupBytes(session)
        + wire
        + (extras == null || !behindParts ? 0 : extras.behindBytes);
  }

  /// Through the inbox; `payload` is nobody else's.
  private static SendStatus handOver(
      WebSocketSession to, int opcode, boolean fin, MemorySegment payload) {
    if (!to.isOpen()) {
      return SendStatus.CLOSED;
    }
    OutputPolicy policy = to.sessions.options().output();
    int payloadBytes = (int) payload.byteSize();
    int frameBytes = FrameWriter.headerBytes(payloadBytes, to.masks) + payloadBytes;
    boolean part = isPart(opcode, fin);
    // Looked at first and counted then: what is refused was never pending, not even for a moment in
    // which the owner might find that output has not drained. So each sender may go beyond the
    // bound by one message.
    long pending = pendingBytes(to, !part);
    if (to.sessions.refuses(pending)) {
      return refuse(to, policy);
    }
    to.addInbox(frameBytes);
    SendStatus status = OutputRule.status(policy, pending + frameBytes);
    boolean owesDrain = status == SendStatus.BACKPRESSURE;
    if (!to.connection.enter(() -> entered(to, opcode, fin, payload, frameBytes, owesDrain))) {
      to.addInbox(-frameBytes);
      return SendStatus.CLOSED;
    }
    return status;
  }

  private static boolean isPart(int opcode, boolean fin) {
    return !fin || opcode == Opcode.CONTINUATION;
  }

  static SendStatus refuse(WebSocketSession to, OutputPolicy policy) {
    to.sessions.dropped(1, to);
    if (policy.overflow() == OutputPolicy.Overflow.CLOSE) {
      to.close(CloseCode.TRY_AGAIN_LATER, TOO_MUCH);
    }
    return SendStatus.DROPPED;
  }

  /// Closes behind what was sent before. The session is open.
  static void close(WebSocketSession session, int code, String reason) {
    if (session.connection.isInTurn() && !waits(session)) {
      Closing.start(session, code, reason);
    } else {
      session.closeRequested = true;
      session.connection.enter(() -> Closing.start(session, code, reason));
    }
  }

  /// Says that messages are lost by the policy, now and then.
  static void logDrop(Object whose) {
    DROPS.log(Level.WARN, "messages are dropped, because too much output is pending for", whose);
  }

  // The owner

  private static void entered(
      WebSocketSession to,
      int opcode,
      boolean fin,
      MemorySegment payload,
      int frameBytes,
      boolean owesDrain) {
    to.addInbox(-frameBytes);
    // Not isOpen(): what was handed over before the close was asked for still goes out before it.
    if (to.canSend()) {
      writeOrKeep(to, opcode, fin, payload, 0, (int) payload.byteSize());
      settle(to, owesDrain);
    }
  }

  private static SendStatus write(
      WebSocketSession to,
      int opcode,
      boolean fin,
      MemorySegment payload,
      long offset,
      int length) {
    if (!to.isOpen()) {
      return SendStatus.CLOSED;
    }
    OutputPolicy policy = to.sessions.options().output();
    Extras extras = to.extras;
    int behind = extras == null || isPart(opcode, fin) ? 0 : extras.behindBytes;
    // Nothing is in the inbox, or it would go there.
    if (to.sessions.refuses((long) to.connection.pendingOutput() + behind)) {
      return refuse(to, policy);
    }
    writeOrKeep(to, opcode, fin, payload, offset, length);
    behind = extras == null || isPart(opcode, fin) ? 0 : extras.behindBytes;
    SendStatus status = OutputRule.status(policy, (long) to.connection.pendingOutput() + behind);
    if (status == SendStatus.BACKPRESSURE) {
      settle(to, true);
    }
    return status;
  }

  private static void writeOrKeep(
      WebSocketSession to,
      int opcode,
      boolean fin,
      MemorySegment payload,
      long offset,
      int length) {
    Extras extras = to.extras;
    if (extras != null && extras.blocks(opcode)) {
      int frameBytes = FrameWriter.headerBytes(length, to.masks) + length;
      extras.keep(opcode, copyOf(payload, offset, length), frameBytes);
    } else {
      writeCounted(to, opcode, fin, payload, offset, length);
    }
  }

  /// Something was added to what is pending.
  static void settle(WebSocketSession to, boolean owesDrain) {
    to.drainOwed |= owesDrain;
    OutputPolicy policy = to.sessions.options().output();
    int wire = to.connection.pendingOutput();
    if ((long) wire + to.inboxBytes > policy.highWatermarkBytes()) {
      to.wireBytesSeen = wire;
    }
    if (OutputRule.stopsReading(policy, to.masks, wire, to.inboxBytes)) {
      Incoming.pauseForOutput(to);
    }
    if (to.drainOwed && wire == 0 && to.inboxBytes == 0) {
      // All of it waits behind a message in parts, and whoever sends those may wait for this: no
      // flush is going to tell.
      to.connection.enter(() -> drained(to));
    }
  }

  private static void writeCounted(
      WebSocketSession to,
      int opcode,
      boolean fin,
      MemorySegment payload,
      long offset,
      int length) {
    try {
      writeWithin(to, opcode, fin, payload, offset, length);
    } catch (MemoryBudgetExceededException e) {
      // The frame may be half written: nothing can follow it.
      to.connection.abort();
    }
  }

  private static void writeWithin(
      WebSocketSession to,
      int opcode,
      boolean fin,
      MemorySegment payload,
      long offset,
      int length) {
    if (opcode == Opcode.PING) {
      Frames.write(to, opcode, true, payload, offset, length);
      return;
    }
    boolean part = isPart(opcode, fin);
    if (part) {
      Frames.writePart(to, opcode, fin, payload, offset, length);
    } else {
      Frames.writeMessage(to, opcode, payload, offset, length);
    }
    to.active = true;
    Batch current = to.batch;
    if (!fin) {
      to.sessions.counters().payloadBytesOut.add(length);
    } else if (current != null) {
      current.sent(length);
    } else {
      to.sessions.counters().messagesOut.increment();
      to.sessions.counters().payloadBytesOut.add(length);
    }
    if (part) {
      partWritten(to, fin);
    }
  }

  private static void partWritten(WebSocketSession to, boolean last) {
    Extras extras = to.extras();
    extras.insideMessage = !last;
    for (Extras.Behind next = extras.nextBehind(); next != null; next = extras.nextBehind()) {
      MemorySegment payload = next.payload();
      writeCounted(to, next.opcode(), true, payload, 0, (int) payload.byteSize());
    }
  }

  // Draining

  /// Output went out, or does not hold anybody up any more: the end of a pause, if enough did. As
  /// the owner, after each flush that made progress.
  static void drained(WebSocketSession session) {
    if (!session.drainOwed && !session.readingPaused && session.wireBytesSeen == 0) {
      return;
    }
    // Nothing is read, so that what the peer takes has to do as a sign of life.
    session.heard |= session.readingPaused;
    int wire = session.connection.pendingOutput();
    boolean low =
        OutputRule.isDrained(session.sessions.options().output(), wire, session.inboxBytes);
    session.wireBytesSeen = low ? 0 : wire;
    if (!low) {
      return;
    }
    answerLatestPing(session);
    // First: what the handler sends now may make it pause again.
    Incoming.endPause(session);
    boolean owed = session.drainOwed;
    session.drainOwed = false;
    if (owed && session.canSend()) {
      HandlerCalls.run(session, () -> session.handler.onDrain(session));
    }
  }

  // Pings

  /// Sends the pong for a ping, or, while the peer takes nothing, keeps the ping until it does. RFC
  /// 6455 §5.5.3: of several pings that wait, only the latest has to be answered. As the owner.
  static void answerPing(WebSocketSession session, MemorySegment buffer, int offset, int length) {
    OutputPolicy policy = session.sessions.options().output();
    int most = Math.min(policy.highWatermarkBytes(), session.sessions.mostPending());
    if (session.connection.pendingOutput() > most) {
      session.extras().latestPing = buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    } else {
      Frames.write(session, Opcode.PONG, true, buffer, offset, length);
    }
    if (session.connection.pendingOutput() > policy.highWatermarkBytes()) {
      settle(session, false);
    }
  }

  private static void answerLatestPing(WebSocketSession session) {
    Extras extras = session.extras;
    if (extras != null && extras.latestPing != null && session.mayAnswer()) {
      byte[] ping = extras.latestPing;
      extras.latestPing = null;
      Frames.write(session, Opcode.PONG, true, MemorySegment.ofArray(ping), 0, ping.length);
    }
  }

  /// Whether an answer to what the peer sent may be added to what is pending. As the owner.
  static boolean hasRoomForAnswer(WebSocketSession session) {
    long pending = (long) session.inboxBytes + session.connection.pendingOutput();
    return pending == 0 || !OutputRule.refuses(session.sessions.mostPending(), pending);
  }
}
