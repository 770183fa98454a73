package dev.pollux.session;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.MessageAssembler;
import dev.pollux.websocket.MessageBuffers;
import dev.pollux.websocket.MessageSink;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.ProtocolViolation;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// A WebSocket over a connection, after the opening handshake: the receiving half, the closing
/// handshake (RFC 6455 §7) and the handler's callbacks. [SessionOutput] is the sending half.
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
public final class WebSocketSession extends SessionOutput
    implements Protocol, MessageSink, MessageBuffers {
  private static final RateLimitedLog FAILURES =
      new RateLimitedLog(LoggerFactory.getLogger(WebSocketHandler.class));
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketSession.class);

  private static final byte OPEN = 0;
  private static final byte CLOSE_SENT = 1;
  private static final byte ENDING = 2;
  private static final byte ENDED = 3;

  /// Links of [SessionRegister], under its lock.
  @Nullable WebSocketSession nextInRegister;

  @Nullable WebSocketSession previousInRegister;

  private final WebSocketHandler handler;
  private final String path;
  private final @Nullable String query;
  private final @Nullable String subprotocol;
  private final FrameParser parser;
  private final MessageAssembler assembler;
  private @Nullable OffloadQueue offloads;
  private @Nullable Object attachment;
  private String closeReason = "";
  private short closeCode = CloseCode.ABNORMAL;
  private volatile byte state = OPEN;

  /// @param connection the connection whose protocol this becomes
  /// @param client whether this side is the client
  /// @param path the path of the request; a string that many sessions share costs them nothing
  @SuppressWarnings("this-escape") // parser and assembler only keep the reference
  public WebSocketSession(
      Sessions sessions,
      Connection connection,
      WebSocketHandler handler,
      boolean client,
      String path,
      @Nullable String query,
      @Nullable String subprotocol) {
    super(sessions, connection, client);
    this.handler = handler;
    this.path = path;
    this.query = query;
    this.subprotocol = subprotocol;
    this.parser = new FrameParser(!client, sessions.options().limits());
    this.assembler = new MessageAssembler(sessions.options().limits(), this, this);
  }

  // What the connection tells

  @Override
  public void onOpen(Connection opened) {
    sessions.add(this);
    runGuarded(() -> handler.onOpen(this));
  }

  @Override
  public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
    if (state >= ENDING) {
      return;
    }
    Batch current = Batch.begin();
    batch = current;
    try {
      parser.parse(buffer, offset, length, assembler);
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
    // Nothing but a close sets the timer.
    sessions.counters().closeTimeouts.increment();
    connection.abort();
  }

  @Override
  public void onClosed(Connection from, CloseReason why) {
    state = ENDED;
    assembler.discard();
    sessions.remove(this);
    if (offloads != null) {
      offloads.end();
    }
    runGuarded(() -> handler.onClose(this, closeCode, closeReason));
  }

  // What the peer sent

  @Override
  public boolean onMessage(boolean text, MemorySegment buffer, int offset, int length) {
    Batch current = batch;
    if (!isOpen() || current == null) {
      return state < ENDING;
    }
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
  public boolean onPing(MemorySegment buffer, int offset, int length) {
    // RFC 6455 §5.5.3: not every ping has to be answered; one that there is no room for is not.
    if (canSend() && hasRoomForAnswer()) {
      writeFrame(Opcode.PONG, buffer, offset, length);
      answered();
    }
    return true;
  }

  @Override
  public boolean onPong(MemorySegment buffer, int offset, int length) {
    return true;
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

  private static final int MAX_REASON_BYTES = FrameWriter.MAX_CONTROL_BYTES - 2;

  private void startClose(int code, String reason) {
    if (!canSend()) {
      return;
    }
    state = CLOSE_SENT;
    writeClose(code, reason);
    // The peer's close frame has to be seen, also behind a backlog of what it sent.
    resumeReading();
    startCloseTimer();
  }

  private void startCloseTimer() {
    connection.setTimer(sessions.options().closeTimeout().toNanos());
  }

  private void writeClose(int code, String reason) {
    MemorySegment payload = MemorySegment.ofArray(new byte[FrameWriter.MAX_CONTROL_BYTES]);
    int length = code == CloseCode.NO_STATUS ? 0 : FrameWriter.writeClose(payload, 0, code, reason);
    writeFrame(Opcode.CLOSE, payload, 0, length);
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
  public boolean isOpen() {
    return canSend() && !closeRequested;
  }

  @Override
  boolean canSend() {
    return state == OPEN && connection.isOpen();
  }

  // The handler's

  @Override
  void tellDrained() {
    runGuarded(() -> handler.onDrain(this));
  }

  @Override
  public boolean execute(Runnable task) {
    return connection.execute(() -> runGuarded(task));
  }

  /// Runs what belongs to the handler; what it throws is the handler's failure. As the owner.
  void runGuarded(Runnable callback) {
    try {
      callback.run();
    } catch (Throwable e) {
      handlerFailed(e);
    }
  }

  /// As the owner.
  void handlerFailed(Throwable cause) {
    sessions.counters().handlerFailures.increment();
    FAILURES.log(Level.ERROR, "a handler failed", path, cause);
    if (state == ENDED) {
      return;
    }
    try {
      handler.onError(this, cause);
    } catch (Throwable e) {
      FAILURES.log(Level.ERROR, "a handler failed in onError", path, e);
    }
    startClose(CloseCode.INTERNAL_ERROR, "");
  }

  @Override
  public <T extends @Nullable Object> boolean offload(Callable<T> work, Consumer<? super T> then) {
    return offloadCounted(work, then, null);
  }

  @Override
  public <T extends @Nullable Object> boolean offload(
      Callable<T> work, Consumer<? super T> then, Consumer<? super Throwable> failed) {
    return offloadCounted(work, then, failed);
  }

  private <T extends @Nullable Object> boolean offloadCounted(
      Callable<T> work, Consumer<? super T> then, @Nullable Consumer<? super Throwable> failed) {
    boolean accepted = state != ENDED && offloads().submit(work, then, failed);
    (accepted ? sessions.counters().offloads : sessions.counters().offloadsRefused).increment();
    return accepted;
  }

  private synchronized OffloadQueue offloads() {
    if (offloads == null) {
      offloads = new OffloadQueue(this);
    }
    return offloads;
  }

  // The request, and the rest

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public @Nullable String query() {
    return query;
  }

  @Override
  public @Nullable String subprotocol() {
    return subprotocol;
  }

  @Override
  public void attach(@Nullable Object object) {
    attachment = object;
  }

  @Override
  public @Nullable Object attachment() {
    return attachment;
  }

  @Override
  public String toString() {
    return "WebSocket " + path + " of " + remoteAddress();
  }
}
