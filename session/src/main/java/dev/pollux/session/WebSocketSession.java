package dev.pollux.session;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.MessageAssembler;
import dev.pollux.websocket.MessageBuffers;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.PartSink;
import dev.pollux.websocket.PerMessageDeflate;
import dev.pollux.websocket.ProtocolViolation;
import dev.pollux.websocket.StreamingAssembler;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A WebSocket over a connection, after the opening handshake: the receiving half, the closing
/// handshake (RFC 6455 §7) [SessionOutput] is the sending half, [HandlerSide] what the handler sees
/// besides.
///
/// ```
///          close(), or a handler threw (1011):
///          close frame out, close timer set                 the peer's close frame
///   OPEN -------------------------------------> CLOSE_SENT -------------------------+
///    |                                                                              v
///    +-- the peer's close frame: answered with the same code ------------------> ENDING --> ENDED
///    +-- a violation: close frame with its code (1002, 1007, 1008, 1009) --------^  ^
///    +-- FIN without a close frame (1006) ------------------------------------------+
///
///   CLOSE_SENT: messages are thrown away; the close timer aborts the connection
///   ENDING:     whatever comes is thrown away. A server ends the TCP connection; a client waits for that, but not
///               longer than the close timer
///   ENDED:      from any state when the connection is gone; onClose, exactly once
/// ```
public final class WebSocketSession extends KeepAliveSide
    implements Protocol, PartSink, MessageBuffers {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketSession.class);

  private static final int MAX_REASON_BYTES = FrameWriter.MAX_CONTROL_BYTES - 2;

  private static final byte OPEN = 0;
  private static final byte CLOSE_SENT = 1;
  private static final byte ENDING = 2;
  private static final byte ENDED = 3;

  /// Where it stands in the [SessionRegister], whose they are.
  int placeInRegister;

  byte shelfInRegister;

  private final FrameParser parser;
  private final MessageAssembler assembler;
  private String closeReason = "";
  private short closeCode = CloseCode.ABNORMAL;
  private volatile byte state = OPEN;

  /// @param connection the connection whose protocol this becomes
  /// @param client whether this side is the client
  /// @param opening what the opening handshake agreed upon; one that many sessions share costs them
  ///   nothing
  public WebSocketSession(
      Sessions sessions,
      Connection connection,
      WebSocketHandler handler,
      boolean client,
      Opening opening) {
    this(sessions, connection, handler, client, opening, null);
  }

  /// The same, with compression.
  ///
  /// @param agreed what the opening handshake agreed upon for permessage-deflate, by
  ///   [Sessions#compression]; null if it did not
  @SuppressWarnings("this-escape") // parser, assembler and compression only keep the reference
  public WebSocketSession(
      Sessions sessions,
      Connection connection,
      WebSocketHandler handler,
      boolean client,
      Opening opening,
      @Nullable DeflateParameters agreed) {
    super(sessions, connection, handler, client, opening);
    this.parser = new FrameParser(!client, sessions.options().limits());
    this.assembler =
        handler instanceof StreamingHandler streaming
            ? new StreamingAssembler(
                sessions.options().limits(), this, this, streaming.wholeUpToBytes())
            : new MessageAssembler(sessions.options().limits(), this, this);
    DeflateStreams streams = sessions.compression();
    if (agreed != null && streams != null) {
      parser.allowRsv(PerMessageDeflate.RSV1);
      compression = new PerMessageDeflate(streams, agreed, client, this, assembler);
    }
  }

  // What the connection tells

  @Override
  public void onOpen(Connection opened) {
    sessions.add(this);
    startKeepAlive();
    runGuarded(() -> handler.onOpen(this));
  }

  @Override
  public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
    if (state >= ENDING) {
      return;
    }
    heard = true;
    Batch current = Batch.begin();
    batch = current;
    try {
      parser.parse(buffer, offset, length, compression == null ? assembler : compression);
    } catch (ProtocolViolation violation) {
      fail(violation);
    } finally {
      batch = null;
      current.end(sessions.counters());
    }
  }

  @Override
  public void onDrained(Connection from) {
    outputDrained();
  }

  @Override
  public void onEndOfInput(Connection from) {
    endConnection();
  }

  @Override
  public void onTimer(Connection from) {
    if (state == OPEN) {
      lookForLife();
      return;
    }
    // Since the close frame there has been no other timer.
    sessions.counters().closeTimeouts.increment();
    connection.abort();
  }

  @Override
  public void onClosed(Connection from, CloseReason why) {
    state = ENDED;
    assembler.discard();
    if (compression != null) {
      compression.discard();
    }
    sessions.remove(this);
    endOffloads();
    runGuarded(() -> handler.onClose(this, closeCode, closeReason));
  }

  // What the peer sent

  @Override
  public boolean onMessage(boolean text, MemorySegment buffer, int offset, int length) {
    Batch current = batch;
    if (!isOpen() || current == null) {
      return state < ENDING;
    }
    active = true;
    current.received(length);
    current.message.show(buffer, offset, length, text);
    try {
      handler.onMessage(this, current.message);
    } catch (Throwable e) {
      handlerFailed(e);
    } finally {
      current.message.blind();
    }
    return state < ENDING;
  }

  @Override
  public boolean onPart(boolean text, MemorySegment buffer, int offset, int length, boolean last) {
    Batch current = batch;
    if (!isOpen() || current == null) {
      return state < ENDING;
    }
    active = true;
    current.receivedPart(length, last);
    current.message.show(buffer, offset, length, text);
    try {
      ((StreamingHandler) handler).onPart(this, current.message, last);
    } catch (Throwable e) {
      handlerFailed(e);
    } finally {
      current.message.blind();
    }
    return state < ENDING;
  }

  @Override
  public boolean onPing(MemorySegment buffer, int offset, int length) {
    // RFC 6455 §5.5.2: answered unless a close frame was received; one that was sent is no reason
    // not to.
    if (mayAnswer()) {
      answerPing(buffer, offset, length);
    }
    return true;
  }

  @Override
  public boolean onPong(MemorySegment buffer, int offset, int length) {
    if (isOpen()) {
      runGuarded(() ->
          handler.onPong(this, buffer.asSlice(offset, length).asByteBuffer().asReadOnlyBuffer()));
    }
    return state < ENDING;
  }

  @Override
  public boolean onClose(int code, String reason) {
    closeCode = (short) code;
    closeReason = reason;
    if (state == OPEN) {
      writeClose(code, "");
      startCloseTimer();
    }
    state = ENDING;
    // RFC 6455 §7.1.1: the server ends the TCP connection first, so that TIME_WAIT stays on its
    // side.
    if (!masks) {
      endConnection();
    }
    return false;
  }

  @Override
  void dropSilentPeer() {
    closeReason = "the peer was silent and answered no ping";
    connection.abort();
  }

  private void fail(ProtocolViolation violation) {
    sessions.counters().violations.increment();
    LOG.debug("{}: {}", connection, violation.getMessage());
    if (state == OPEN) {
      closeCode = (short) violation.closeCode();
      closeReason = String.valueOf(violation.getMessage());
      writeClose(closeCode, closeReason);
    }
    endConnection();
  }

  private void endConnection() {
    state = ENDING;
    connection.close();
  }

  // MessageBuffers

  @Override
  public MemorySegment borrow(int minBytes) {
    return connection.buffers().borrow(minBytes);
  }

  @Override
  public void giveBack(MemorySegment buffer) {
    connection.buffers().giveBack(buffer);
  }

  // Closing

  @Override
  public void close(int code, String reason) {
    if (!CloseCode.mayBeSent(code)) {
      throw new IllegalArgumentException(
          "close code " + code + " must not be sent (RFC 6455 §7.4)");
    }
    if (reason.length() > MAX_REASON_BYTES
        || reason.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES) {
      throw new IllegalArgumentException(
          "a close reason of more than 123 bytes (RFC 6455 §5.5): " + reason);
    }
    if (connection.isOwner()) {
      startClose(code, reason);
    } else if (isOpen()) {
      closeRequested = true;
      sessions.runAsOwner(connection, () -> startClose(code, reason));
    }
  }

  @Override
  void startClose(int code, String reason) {
    if (!canSend()) {
      return;
    }
    state = CLOSE_SENT;
    writeClose(code, reason);
    // The peer's close frame has to be seen, also behind a backlog of what it sent.
    readOn();
    startCloseTimer();
  }

  private void startCloseTimer() {
    connection.setTimer(sessions.options().closeTimeout().toNanos());
  }

  private void writeClose(int code, String reason) {
    MemorySegment payload = MemorySegment.ofArray(new byte[FrameWriter.MAX_CONTROL_BYTES]);
    int length = code == CloseCode.NO_STATUS ? 0 : FrameWriter.writeClose(payload, 0, code, reason);
    writeFrame(Opcode.CLOSE, true, payload, 0, length);
  }

  @Override
  public void abort() {
    if (connection.isOwner()) {
      connection.abort();
    } else {
      closeRequested = true;
      sessions.runAsOwner(connection, connection::abort);
    }
  }

  @Override
  boolean hasEnded() {
    return state == ENDED;
  }

  @Override
  public boolean isOpen() {
    return canSend() && !closeRequested;
  }

  @Override
  boolean mayAnswer() {
    return state < ENDING && connection.isOpen();
  }

  @Override
  boolean canSend() {
    return state == OPEN && connection.isOpen();
  }
}
