package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The sending half of a session: messages into the connection's output, by the owner at once and
/// from other threads through its mailbox. Everything but the volatile fields is the owner's alone.
///
/// It is a superclass and not a part of the session, to save each idle connection the header of an
/// object and two references.
abstract class SessionOutput extends PacedOutput {
  /// The batch of received bytes that is being worked off, while it is.
  @Nullable Batch batch;

  /// Another thread has asked for the close, and the owner will see to it.
  volatile boolean closeRequested;

  /// A message went either way since that was last looked for.
  boolean active;

  /// Null until there is something that has to wait; made under this object's lock.
  private @Nullable WaitingOutput waiting;

  SessionOutput(Sessions sessions, Connection connection, boolean masks) {
    super(sessions, connection, masks);
  }

  /// Whether a ping may still be answered (RFC 6455 §5.5.2: until a close frame was received). As
  /// the owner.
  abstract boolean mayAnswer();

  @Override
  public final SendStatus send(Message message) {
    int opcode = message.isText() ? Opcode.TEXT : Opcode.BINARY;
    if (message instanceof MessageView view) {
      return connection.isOwner()
          ? write(opcode, true, view.buffer(), view.offset(), view.length(), null)
          : handOver(opcode, true, MemorySegment.ofArray(view.toByteArray()), null);
    }
    return sendArray(opcode, message.toByteArray());
  }

  @Override
  public final SendStatus sendText(CharSequence text) {
    return sendArray(Opcode.TEXT, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public final SendStatus sendBinary(byte[] data) {
    // What is handed over is kept, and the caller may change its array when this returns.
    return sendArray(Opcode.BINARY, connection.isOwner() ? data : data.clone());
  }

  @Override
  public final SendStatus sendBinary(ByteBuffer data) {
    return sendBuffer(Opcode.BINARY, data);
  }

  @Override
  public final SendStatus ping(ByteBuffer data) {
    if (data.remaining() > FrameWriter.MAX_CONTROL_BYTES) {
      throw new IllegalArgumentException(
          "a ping of " + data.remaining() + " bytes; RFC 6455 §5.5 allows 125");
    }
    return sendBuffer(Opcode.PING, data);
  }

  @Override
  public final int pendingOutput() {
    return handedOver + (connection.isOwner() ? connection.pendingOutput() : pendingSeen);
  }

  /// Sends what many are sent. Any thread; the caller stays a holder of the frame.
  final SendStatus sendShared(SharedMessage message) {
    MemorySegment payload = message.payload();
    return connection.isOwner()
        ? write(message.opcode(), true, payload, 0, (int) payload.byteSize(), message)
        : handOver(message.opcode(), true, payload, message);
  }

  private SendStatus sendArray(int opcode, byte[] payload) {
    MemorySegment segment = MemorySegment.ofArray(payload);
    return connection.isOwner()
        ? write(opcode, true, segment, 0, payload.length, null)
        : handOver(opcode, true, segment, null);
  }

  private SendStatus sendBuffer(int opcode, ByteBuffer data) {
    MemorySegment payload = MemorySegment.ofBuffer(data);
    return connection.isOwner()
        ? write(opcode, true, payload, 0, data.remaining(), null)
        : handOver(opcode, true, copyOf(payload, data.remaining()), null);
  }

  // What is handed over is nobody else's: a copy in an array.
  private static MemorySegment copyOf(MemorySegment payload, int length) {
    return MemorySegment.ofArray(payload.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
  }

  /// @param shared the message that `payload` is of, if many are sent it
  private SendStatus write(
      int opcode,
      boolean fin,
      MemorySegment payload,
      long offset,
      int length,
      @Nullable SharedMessage shared) {
    if (!isOpen()) {
      return SendStatus.CLOSED;
    }
    OutputPolicy policy = sessions.options().output();
    if (handedOver + connection.pendingOutput() > policy.maxPendingBytes()) {
      return overflow(policy);
    }
    WaitingOutput later = waiting;
    if (later != null && later.blocks(opcode)) {
      keep(later, opcode, payload.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    } else {
      writeCounted(opcode, fin, payload, offset, length, shared);
    }
    if (handedOver + connection.pendingOutput() <= policy.highWatermarkBytes()) {
      return SendStatus.ACCEPTED;
    }
    aboveHighWatermark();
    drainOwed = true;
    return SendStatus.BACKPRESSURE;
  }

  private void writeCounted(
      int opcode,
      boolean fin,
      MemorySegment payload,
      long offset,
      int length,
      @Nullable SharedMessage shared) {
    if (opcode == Opcode.PING) {
      writeFrame(opcode, true, payload, offset, length);
      return;
    }
    if (shared != null && !masks) {
      connection.append(shared.frameFor(compression));
    } else if (fin && opcode != Opcode.CONTINUATION) {
      writeMessage(opcode, payload, offset, length);
    } else {
      writePart(opcode, fin, payload, offset, length);
    }
    active = true;
    Batch current = batch;
    if (!fin) {
      sessions.counters().payloadBytesOut.add(length);
    } else if (current != null) {
      current.sent(length);
    } else {
      sessions.counters().messagesOut.increment();
      sessions.counters().payloadBytesOut.add(length);
    }
    if (!fin || opcode == Opcode.CONTINUATION) {
      partWritten(fin);
    }
  }

  // A message in parts

  @Override
  public final MessageStream streamText() {
    return waiting().begin(new OutgoingStream(this, true));
  }

  @Override
  public final MessageStream streamBinary() {
    return waiting().begin(new OutgoingStream(this, false));
  }

  final void streamFinished(OutgoingStream stream) {
    waiting().finish(stream);
  }

  /// What a send of nothing would return.
  final SendStatus statusNow() {
    return isOpen() ? SendStatus.ACCEPTED : SendStatus.CLOSED;
  }

  /// Sends a frame of the message in parts; the caller sees to the order of its calls.
  final SendStatus sendPart(int opcode, boolean fin, MemorySegment payload, int length) {
    // The owner too goes behind parts that others have handed over.
    return connection.isOwner() && waiting().handedOverParts.get() == 0
        ? write(opcode, fin, payload, 0, length, null)
        : handOver(opcode, fin, copyOf(payload, length), null);
  }

  private synchronized WaitingOutput waiting() {
    WaitingOutput made = waiting;
    if (made == null) {
      made = new WaitingOutput();
      waiting = made;
    }
    return made;
  }

  private void partWritten(boolean last) {
    WaitingOutput later = waiting();
    later.insideMessage = !last;
    while (!later.insideMessage && !later.messages.isEmpty()) {
      WaitingOutput.Waiting message = later.messages.removeFirst();
      addHandedOver(-message.frameBytes());
      MemorySegment payload = message.payload();
      writeCounted(message.opcode(), true, payload, 0, (int) payload.byteSize(), null);
    }
  }

  // It counts as handed over: accepted, pending, and not written yet.
  private void keep(WaitingOutput later, int opcode, byte[] payload) {
    int frameBytes = FrameWriter.headerBytes(payload.length, masks) + payload.length;
    MemorySegment kept = MemorySegment.ofArray(payload);
    addHandedOver(frameBytes);
    later.messages.addLast(new WaitingOutput.Waiting(opcode, kept, frameBytes));
  }

  private SendStatus overflow(OutputPolicy policy) {
    sessions.counters().dropped.increment();
    if (policy.overflow() == OutputPolicy.Overflow.CLOSE) {
      close(CloseCode.TRY_AGAIN_LATER, "too much output is pending");
    }
    return SendStatus.DROPPED;
  }

  /// From another thread than the owner's; `payload` is not anybody else's.
  private SendStatus handOver(
      int opcode, boolean fin, MemorySegment payload, @Nullable SharedMessage shared) {
    if (!isOpen()) {
      return SendStatus.CLOSED;
    }
    OutputPolicy policy = sessions.options().output();
    int payloadLength = (int) payload.byteSize();
    int length = FrameWriter.headerBytes(payloadLength, masks) + payloadLength;
    int before = addHandedOver(length) + pendingSeen;
    if (before > policy.maxPendingBytes()) {
      addHandedOver(-length);
      return overflow(policy);
    }
    boolean above = before + length > policy.highWatermarkBytes();
    notePart(opcode, fin, 1);
    if (shared != null) {
      shared.retain();
    }
    if (!connection.execute(() -> writeHandedOver(opcode, fin, payload, length, above, shared))) {
      if (shared != null) {
        shared.release();
      }
      notePart(opcode, fin, -1);
      addHandedOver(-length);
      sessions.counters().dropped.increment();
      return SendStatus.DROPPED;
    }
    return above ? SendStatus.BACKPRESSURE : SendStatus.ACCEPTED;
  }

  private void notePart(int opcode, boolean fin, int more) {
    if (!fin || opcode == Opcode.CONTINUATION) {
      waiting().handedOverParts.addAndGet(more);
    }
  }

  private void writeHandedOver(
      int opcode,
      boolean fin,
      MemorySegment payload,
      int length,
      boolean owesDrain,
      @Nullable SharedMessage shared) {
    addHandedOver(-length);
    notePart(opcode, fin, -1);
    try {
      if (canSend()) {
        writeHandedOver(opcode, fin, payload, owesDrain, shared);
      }
    } finally {
      if (shared != null) {
        shared.release();
      }
    }
  }

  private void writeHandedOver(
      int opcode,
      boolean fin,
      MemorySegment payload,
      boolean owesDrain,
      @Nullable SharedMessage shared) {
    // Not isOpen(): what was handed over before the close was asked for still goes out before it.
    WaitingOutput later = waiting;
    if (later != null && later.blocks(opcode)) {
      keep(later, opcode, payload.toArray(ValueLayout.JAVA_BYTE));
    } else {
      writeCounted(opcode, fin, payload, 0, (int) payload.byteSize(), shared);
    }
    drainOwed |= owesDrain;
    if (handedOver + connection.pendingOutput()
        > sessions.options().output().highWatermarkBytes()) {
      aboveHighWatermark();
    }
  }

  /// Sends the pong for a ping, or, while the peer takes nothing, keeps the ping until it does. RFC
  /// 6455 §5.5.3: of several pings that wait, only the latest has to be answered. As the owner.
  final void answerPing(MemorySegment buffer, int offset, int length) {
    if (connection.pendingOutput() > sessions.options().output().highWatermarkBytes()) {
      waiting().latestPing = buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    } else {
      writeFrame(Opcode.PONG, true, buffer, offset, length);
    }
    if (connection.pendingOutput() > sessions.options().output().highWatermarkBytes()) {
      aboveHighWatermark();
    }
  }

  @Override
  final void answerLatestPing() {
    WaitingOutput later = waiting;
    if (later != null && later.latestPing != null && mayAnswer()) {
      byte[] ping = later.latestPing;
      later.latestPing = null;
      writeFrame(Opcode.PONG, true, MemorySegment.ofArray(ping), 0, ping.length);
    }
  }
}
