package dev.pollux.session;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.MessageBuffers;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.PartSink;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A WebSocket over a connection, after the opening handshake.
///
/// It is one object with flat fields ([SessionFields]), because there are very many of them. What
/// is done with the fields stands elsewhere, each part with its diagram: [Outgoing] (by
/// [OutputRule]) sends, [Incoming] receives, [Closing] is the closing handshake, [KeepAliveWatch]
/// (by [Liveness]) looks for signs of life, [HandlerCalls] calls the application. Fields are the
/// owner's, but for the volatile ones.
public final class WebSocketSession extends SessionFields
    implements WebSocket, Protocol, PartSink, MessageBuffers {
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
  public WebSocketSession(
      Sessions sessions,
      Connection connection,
      WebSocketHandler handler,
      boolean client,
      Opening opening,
      @Nullable DeflateParameters agreed) {
    super(sessions, connection, handler, client, opening, agreed);
  }

  /// Runs `task` in this session's turn: now, if that is here, else through the inbox.
  private void inTurn(Runnable task) {
    if (connection.isInTurn()) {
      task.run();
    } else {
      // Refused, the engine has ended, and the connection with it.
      connection.enter(task);
    }
  }

  // What the connection tells

  @Override
  public void onOpen(Connection opened) {
    sessions.add(this);
    KeepAliveWatch.start(this);
    HandlerCalls.run(this, () -> handler.onOpen(this));
  }

  @Override
  public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
    if (takesInput()) {
      heard = true;
      Incoming.received(this, buffer, offset, length);
    }
  }

  @Override
  public void onDrained(Connection from) {
    Outgoing.drained(this);
  }

  @Override
  public void onEndOfInput(Connection from) {
    Closing.endConnection(this);
  }

  @Override
  public void onTimer(Connection from) {
    if (state == Closing.OPEN) {
      KeepAliveWatch.look(this);
    } else {
      Closing.timeOver(this);
    }
  }

  @Override
  public void onClosed(Connection from, CloseReason why) {
    state = Closing.ENDED;
    try {
      GroupSlot.leaveAll(this);
      sessions.remove(this);
      giveBackMemory();
    } finally {
      HandlerCalls.run(this, () -> handler.onClose(this, closeCode, closeReason));
    }
  }

  private void giveBackMemory() {
    assembler.discard();
    if (compression != null) {
      compression.discard();
    }
    Extras rare = extras;
    if (rare != null) {
      rare.endOffloads();
      if (rare.holdsInput()) {
        rare.discardHeld(connection.buffers());
      }
    }
  }

  // What the peer sent

  @Override
  public boolean onMessage(boolean text, MemorySegment buffer, int offset, int length) {
    Batch current = batch;
    if (!isOpen() || current == null) {
      return takesInput();
    }
    active = true;
    current.received(length);
    MessageView message = new MessageView(buffer, offset, length, text);
    try {
      handler.onMessage(this, message);
    } catch (Throwable e) {
      HandlerCalls.failed(this, e);
    } finally {
      message.blind();
    }
    return takesInput();
  }

  @Override
  public boolean onPart(boolean text, MemorySegment buffer, int offset, int length, boolean last) {
    Batch current = batch;
    if (!isOpen() || current == null) {
      return takesInput();
    }
    active = true;
    current.receivedPart(length, last);
    MessageView part = new MessageView(buffer, offset, length, text);
    try {
      ((StreamingHandler) handler).onPart(this, part, last);
    } catch (Throwable e) {
      HandlerCalls.failed(this, e);
    } finally {
      part.blind();
    }
    return takesInput();
  }

  @Override
  public boolean onPing(MemorySegment buffer, int offset, int length) {
    // RFC 6455 §5.5.2: answered unless a close frame was received; one that was sent is no reason
    // not to.
    if (mayAnswer()) {
      Outgoing.answerPing(this, buffer, offset, length);
    }
    return true;
  }

  @Override
  public boolean onPong(MemorySegment buffer, int offset, int length) {
    if (isOpen()) {
      ByteBuffer data = buffer.asSlice(offset, length).asByteBuffer().asReadOnlyBuffer();
      HandlerCalls.run(this, () -> handler.onPong(this, data));
    }
    return takesInput();
  }

  @Override
  public boolean onClose(int code, String reason) {
    Closing.peerClosed(this, code, reason);
    return false;
  }

  // MessageBuffers

  @Override
  public MemorySegment borrow(int minBytes) {
    return connection.buffers().borrow(minBytes);
  }

  @Override
  public int mostGathered() {
    return sessions.memory().mostGathered();
  }

  @Override
  public void giveBack(MemorySegment buffer) {
    connection.buffers().giveBack(buffer);
  }

  // What the application has in hand. Any thread.

  @Override
  public SendStatus send(Message message) {
    int opcode = message.isText() ? Opcode.TEXT : Opcode.BINARY;
    return message instanceof MessageView view
        ? Outgoing.send(this, opcode, view.buffer(), view.offset(), view.length(), false)
        : sendArray(opcode, message.toByteArray(), true);
  }

  @Override
  public SendStatus sendText(CharSequence text) {
    return sendArray(Opcode.TEXT, text.toString().getBytes(StandardCharsets.UTF_8), true);
  }

  @Override
  public SendStatus sendBinary(byte[] data) {
    return sendArray(Opcode.BINARY, data, false);
  }

  private SendStatus sendArray(int opcode, byte[] payload, boolean ours) {
    return Outgoing.send(this, opcode, MemorySegment.ofArray(payload), 0, payload.length, ours);
  }

  @Override
  public SendStatus sendBinary(ByteBuffer data) {
    return sendBuffer(Opcode.BINARY, data);
  }

  @Override
  public SendStatus ping(ByteBuffer data) {
    if (data.remaining() > FrameWriter.MAX_CONTROL_BYTES) {
      throw new IllegalArgumentException(
          "a ping of " + data.remaining() + " bytes; RFC 6455 §5.5 allows 125");
    }
    return sendBuffer(Opcode.PING, data);
  }

  private SendStatus sendBuffer(int opcode, ByteBuffer data) {
    return Outgoing.send(this, opcode, MemorySegment.ofBuffer(data), 0, data.remaining(), false);
  }

  @Override
  public MessageStream streamText() {
    return extras().begin(new OutgoingStream(this, true));
  }

  @Override
  public MessageStream streamBinary() {
    return extras().begin(new OutgoingStream(this, false));
  }

  @Override
  public int pendingOutput() {
    return Outgoing.pendingBytes(this);
  }

  @Override
  public void pauseReading() {
    inTurn(() -> Incoming.hold(this, true));
  }

  @Override
  public void resumeReading() {
    inTurn(() -> Incoming.hold(this, false));
  }

  @Override
  public void close(int code, String reason) {
    Closing.check(code, reason);
    if (isOpen()) {
      Outgoing.close(this, code, reason);
    }
  }

  @Override
  public void abort() {
    if (!connection.isInTurn()) {
      closeRequested = true;
    }
    inTurn(connection::abort);
  }

  @Override
  public boolean isOpen() {
    return canSend() && !closeRequested;
  }

  @Override
  public boolean execute(Runnable task) {
    return connection.execute(() -> HandlerCalls.run(this, task));
  }

  @Override
  public <T extends @Nullable Object> boolean offload(Callable<T> work, Consumer<? super T> then) {
    return HandlerCalls.offload(this, work, then, null);
  }

  @Override
  public <T extends @Nullable Object> boolean offload(
      Callable<T> work, Consumer<? super T> then, Consumer<? super Throwable> failed) {
    return HandlerCalls.offload(this, work, then, failed);
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public String path() {
    return opening.path();
  }

  @Override
  public @Nullable String query() {
    return opening.query();
  }

  @Override
  public @Nullable String subprotocol() {
    return opening.subprotocol();
  }

  @Override
  public @Nullable DeflateParameters compression() {
    return compression == null ? null : compression.parameters();
  }

  @Override
  public @Nullable Principal principal() {
    return opening.principal();
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
    return "WebSocket " + path() + " of " + remoteAddress();
  }
}
