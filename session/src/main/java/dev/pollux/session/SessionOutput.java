package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
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
abstract class SessionOutput implements WebSocket {
  private static final VarHandle HANDED_OVER;

  static {
    try {
      HANDED_OVER =
          MethodHandles.lookup().findVarHandle(SessionOutput.class, "handedOver", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final Sessions sessions;
  final Connection connection;

  /// The batch of received bytes that is being worked off, while it is.
  @Nullable Batch batch;

  /// Another thread has asked for the close, and the owner will see to it.
  volatile boolean closeRequested;

  // Bytes of the frames that other threads have handed over and the owner has not written yet.
  private volatile int handedOver;

  // For other threads: what the connection had pending when it was above the high watermark and the
  // owner last looked.
  private volatile int pendingSeen;

  private boolean drainOwed;
  private boolean readingPaused;

  // Whether this is a client, which masks its frames (RFC 6455 §5.3).
  final boolean masks;

  SessionOutput(Sessions sessions, Connection connection, boolean masks) {
    this.sessions = sessions;
    this.connection = connection;
    this.masks = masks;
  }

  /// Whether no close frame was sent and the connection stands. Any thread.
  abstract boolean canSend();

  /// Tells the handler that output has drained. As the owner.
  abstract void tellDrained();

  @Override
  public final SendStatus send(Message message) {
    int opcode = message.isText() ? Opcode.TEXT : Opcode.BINARY;
    if (message instanceof MessageView view) {
      return connection.isOwner()
          ? write(opcode, view.buffer(), view.offset(), view.length())
          : handOver(opcode, view.toByteArray());
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
        ? write(opcode, MemorySegment.ofArray(payload), 0, payload.length)
        : handOver(opcode, payload);
  }

  private SendStatus sendBuffer(int opcode, ByteBuffer data) {
    MemorySegment payload = MemorySegment.ofBuffer(data);
    return connection.isOwner()
        ? write(opcode, payload, 0, data.remaining())
        : handOver(opcode, payload.toArray(ValueLayout.JAVA_BYTE));
  }

  private SendStatus write(int opcode, MemorySegment payload, long offset, int length) {
    if (!isOpen()) {
      return SendStatus.CLOSED;
    }
    OutputPolicy policy = sessions.options().output();
    if (handedOver + connection.pendingOutput() > policy.maxPendingBytes()) {
      return overflow(policy);
    }
    writeCounted(opcode, payload, offset, length);
    if (handedOver + connection.pendingOutput() <= policy.highWatermarkBytes()) {
      return SendStatus.ACCEPTED;
    }
    aboveHighWatermark();
    drainOwed = true;
    return SendStatus.BACKPRESSURE;
  }

  private void writeCounted(int opcode, MemorySegment payload, long offset, int length) {
    writeFrame(opcode, payload, offset, length);
    if (opcode == Opcode.PING) {
      return;
    }
    Batch current = batch;
    if (current != null) {
      current.sent(length);
    } else {
      sessions.counters().messagesOut.increment();
      sessions.counters().payloadBytesOut.add(length);
    }
  }

  /// Appends a frame to the connection's output, whatever is pending. As the owner.
  final void writeFrame(int opcode, MemorySegment payload, long offset, int length) {
    if (masks) {
      writeMasked(opcode, payload, offset, length);
      return;
    }
    int header = FrameWriter.headerBytes(length, false);
    // One reservation for header and payload where that is possible.
    int first = Math.min(length, Connection.MAX_RESERVE_BYTES - header);
    MemorySegment target = connection.reserve(header + first);
    int at = connection.reservedOffset();
    FrameWriter.writeHeader(target, at, opcode, true, 0, length);
    MemorySegment.copy(payload, offset, target, at + header, first);
    connection.commit(header + first);
    if (first < length) {
      connection.write(payload, offset + first, length - first);
    }
  }

  private void writeMasked(int opcode, MemorySegment payload, long offset, int length) {
    int key = MaskingKeys.next();
    int header = FrameWriter.headerBytes(length, true);
    MemorySegment target = connection.reserve(header);
    FrameWriter.writeHeader(target, connection.reservedOffset(), opcode, true, 0, length, key);
    connection.commit(header);
    for (int done = 0; done < length; ) {
      int piece = Math.min(length - done, Connection.MAX_RESERVE_BYTES);
      target = connection.reserve(piece);
      int at = connection.reservedOffset();
      MemorySegment.copy(payload, offset + done, target, at, piece);
      Masking.mask(target, at, piece, key, done);
      connection.commit(piece);
      done += piece;
    }
  }

  private SendStatus overflow(OutputPolicy policy) {
    sessions.counters().dropped.increment();
    if (policy.overflow() == OutputPolicy.Overflow.CLOSE) {
      close(CloseCode.TRY_AGAIN_LATER, "too much output is pending");
    }
    return SendStatus.DROPPED;
  }

  /// From another thread than the owner's; `payload` is not anybody else's.
  private SendStatus handOver(int opcode, byte[] payload) {
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
    if (!connection.execute(() -> writeHandedOver(opcode, payload, length, above))) {
      HANDED_OVER.getAndAdd(this, -length);
      sessions.counters().dropped.increment();
      return SendStatus.DROPPED;
    }
    return above ? SendStatus.BACKPRESSURE : SendStatus.ACCEPTED;
  }

  private void writeHandedOver(int opcode, byte[] payload, int length, boolean owesDrain) {
    HANDED_OVER.getAndAdd(this, -length);
    if (!canSend()) {
      return;
    }
    // Not isOpen(): what was handed over before the close was asked for still goes out before it.
    writeCounted(opcode, MemorySegment.ofArray(payload), 0, payload.length);
    drainOwed |= owesDrain;
    if (handedOver + connection.pendingOutput()
        > sessions.options().output().highWatermarkBytes()) {
      aboveHighWatermark();
    }
  }

  private void aboveHighWatermark() {
    pendingSeen = connection.pendingOutput();
    if (!readingPaused && sessions.options().output().pauseReading() && canSend()) {
      readingPaused = true;
      sessions.counters().pauses.increment();
      connection.suspendReading();
    }
  }

  /// Output went out: the end of a pause, if enough did. As the owner, after each flush that made
  /// progress.
  final void outputDrained() {
    if (!drainOwed && !readingPaused && pendingSeen == 0) {
      return;
    }
    int pending = connection.pendingOutput();
    boolean low = handedOver + pending <= sessions.options().output().lowWatermarkBytes();
    pendingSeen = low ? 0 : pending;
    if (!low) {
      return;
    }
    resumeReading();
    if (drainOwed) {
      drainOwed = false;
      if (canSend()) {
        tellDrained();
      }
    }
  }

  /// Reads on, whatever is pending. As the owner.
  final void resumeReading() {
    if (readingPaused) {
      readingPaused = false;
      connection.resumeReading();
    }
  }

  /// Whether an answer to what the peer sent may be added to what is pending. As the owner.
  final boolean hasRoomForAnswer() {
    return handedOver + connection.pendingOutput() <= sessions.options().output().maxPendingBytes();
  }

  /// After an answer was written past [#write]. As the owner.
  final void answered() {
    if (handedOver + connection.pendingOutput()
        > sessions.options().output().highWatermarkBytes()) {
      aboveHighWatermark();
    }
  }
}
