package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The sending half of a session: frames into the connection's output, and what happens when that
/// fills.
///
/// What is pending is the connection's output and the frames that other threads have handed over
/// and the owner has not written yet. Everything but the volatile fields is the owner's alone.
///
/// ```
///                pending > high                          pending <= low, seen in onDrained
///   flowing --------------------> draining: onDrain is owed to those told BACKPRESSURE, -------> flowing
///                                 reading is paused if the policy says so
/// ```
///
/// It is a superclass and not a part of the session, to save each idle connection the header of an
/// object and two references.
abstract class SessionOutput extends ReadingSide {
  private static final VarHandle HANDED_OVER;

  static {
    try {
      HANDED_OVER =
          MethodHandles.lookup().findVarHandle(SessionOutput.class, "handedOver", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// The batch of received bytes that is being worked off, while it is.
  @Nullable Batch batch;

  /// Another thread has asked for the close, and the owner will see to it.
  volatile boolean closeRequested;

  // Bytes of the frames that other threads have handed over and the owner has not written yet.
  private volatile int handedOver;

  // For other threads: what the connection had pending when it was above the high watermark and the
  // owner last looked.
  private volatile int pendingSeen;

  /// A message went either way since that was last looked for.
  boolean active;

  /// Null until there is something that has to wait; made under this object's lock.
  private @Nullable WaitingOutput waiting;

  private boolean drainOwed;

  SessionOutput(Sessions sessions, Connection connection, boolean masks) {
    super(sessions, connection, masks);
  }

  /// Whether a ping may still be answered (RFC 6455 §5.5.2: until a close frame was received). As
  /// the owner.
  abstract boolean mayAnswer();

  /// Tells the handler that output has drained. As the owner.
  abstract void tellDrained();

  @Override
  public final SendStatus send(Message message) {
    int opcode = message.isText() ? Opcode.TEXT : Opcode.BINARY;
    if (message instanceof MessageView view) {
      return connection.isOwner()
          ? write(opcode, true, view.buffer(), view.offset(), view.length())
          : handOver(opcode, true, view.toByteArray());
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

  private SendStatus sendArray(int opcode, byte[] payload) {
    return connection.isOwner()
        ? write(opcode, true, MemorySegment.ofArray(payload), 0, payload.length)
        : handOver(opcode, true, payload);
  }

  private SendStatus sendBuffer(int opcode, ByteBuffer data) {
    MemorySegment payload = MemorySegment.ofBuffer(data);
    return connection.isOwner()
        ? write(opcode, true, payload, 0, data.remaining())
        : handOver(opcode, true, payload.toArray(ValueLayout.JAVA_BYTE));
  }

  private SendStatus write(
      int opcode, boolean fin, MemorySegment payload, long offset, int length) {
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
      writeCounted(opcode, fin, payload, offset, length);
    }
    if (handedOver + connection.pendingOutput() <= policy.highWatermarkBytes()) {
      return SendStatus.ACCEPTED;
    }
    aboveHighWatermark();
    drainOwed = true;
    return SendStatus.BACKPRESSURE;
  }

  private void writeCounted(
      int opcode, boolean fin, MemorySegment payload, long offset, int length) {
    if (opcode == Opcode.PING) {
      writeFrame(opcode, true, payload, offset, length);
      return;
    }
    if (fin && opcode != Opcode.CONTINUATION) {
      writeMessage(opcode, payload, offset, length);
    } else {
      writeFrame(opcode, fin, payload, offset, length);
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
        ? write(opcode, fin, payload, 0, length)
        : handOver(opcode, fin, payload.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
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
      HANDED_OVER.getAndAdd(this, -message.frameBytes());
      MemorySegment payload = message.payload();
      writeCounted(message.opcode(), true, payload, 0, (int) payload.byteSize());
    }
  }

  // It counts as handed over: accepted, pending, and not written yet.
  private void keep(WaitingOutput later, int opcode, byte[] payload) {
    int frameBytes = FrameWriter.headerBytes(payload.length, masks) + payload.length;
    MemorySegment kept = MemorySegment.ofArray(payload);
    HANDED_OVER.getAndAdd(this, frameBytes);
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
  private SendStatus handOver(int opcode, boolean fin, byte[] payload) {
    if (!isOpen()) {
      return SendStatus.CLOSED;
    }
    OutputPolicy policy = sessions.options().output();
    int length = FrameWriter.headerBytes(payload.length, masks) + payload.length;
    int before = (int) HANDED_OVER.getAndAdd(this, length) + pendingSeen;
    if (before > policy.maxPendingBytes()) {
      HANDED_OVER.getAndAdd(this, -length);
      return overflow(policy);
    }
    boolean above = before + length > policy.highWatermarkBytes();
    notePart(opcode, fin, 1);
    if (!connection.execute(() -> writeHandedOver(opcode, fin, payload, length, above))) {
      notePart(opcode, fin, -1);
      HANDED_OVER.getAndAdd(this, -length);
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
      int opcode, boolean fin, byte[] payload, int length, boolean owesDrain) {
    HANDED_OVER.getAndAdd(this, -length);
    notePart(opcode, fin, -1);
    if (!canSend()) {
      return;
    }
    // Not isOpen(): what was handed over before the close was asked for still goes out before it.
    WaitingOutput later = waiting;
    if (later != null && later.blocks(opcode)) {
      keep(later, opcode, payload);
    } else {
      writeCounted(opcode, fin, MemorySegment.ofArray(payload), 0, payload.length);
    }
    drainOwed |= owesDrain;
    if (handedOver + connection.pendingOutput()
        > sessions.options().output().highWatermarkBytes()) {
      aboveHighWatermark();
    }
  }

  private void aboveHighWatermark() {
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

  private void answerLatestPing() {
    WaitingOutput later = waiting;
    if (later != null && later.latestPing != null && mayAnswer()) {
      byte[] ping = later.latestPing;
      later.latestPing = null;
      writeFrame(Opcode.PONG, true, MemorySegment.ofArray(ping), 0, ping.length);
    }
  }
}
