package dev.pollux.session;

import dev.pollux.websocket.DeflateParameters;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One open WebSocket.
///
/// Any thread may call any method; none waits, and none runs a callback. From the WebSocket's own
/// callbacks a send is written straight into the connection's output, as long as nothing waits for
/// it; from anywhere else, the callback of another WebSocket too, the payload is copied and left in
/// the inbox of whoever owns the connection. Either way the caller may reuse its buffer as soon as
/// the call returns. What one thread does with WebSockets and [Group]s is done in the order of its
/// calls, and nothing overtakes what was accepted before.
///
/// A send that returned [SendStatus#BACKPRESSURE] is followed by [WebSocketHandler#onDrain]. On
/// another thread than the WebSocket's that can come before the send has returned.
public interface WebSocket {

  /// Sends a text message. Unpaired surrogates are sent as `?`.
  SendStatus sendText(CharSequence text);

  /// Sends a binary message: the bytes from the buffer's position to its limit, neither of which is
  /// changed.
  SendStatus sendBinary(ByteBuffer data);

  /// Sends a binary message.
  SendStatus sendBinary(byte[] data);

  /// Sends a message that arrived, on this WebSocket or another one, as it is. For the time of the
  /// callback that it was delivered to, on the thread of that callback.
  SendStatus send(Message message);

  /// Begins a text message that is sent in parts. It has to be finished before another one begins;
  /// whole messages that are sent meanwhile wait behind it.
  ///
  /// @throws IllegalStateException if a message is being sent in parts already
  MessageStream streamText();

  /// Begins a binary message that is sent in parts, as [#streamText] does.
  MessageStream streamBinary();

  /// Sends a ping with the bytes from the buffer's position to its limit. Pings of the peer are
  /// answered without the application.
  ///
  /// @throws IllegalArgumentException if there are more than 125 bytes (RFC 6455 §5.5)
  SendStatus ping(ByteBuffer data);

  /// Lets the peer wait: nothing more is read from it, and nothing that was received is delivered,
  /// until [#resumeReading] or a close; a message or a part that is being delivered is the last
  /// one. For handlers that can't keep up, above all with messages in parts; pings are not answered
  /// meanwhile, and silence does not count.
  void pauseReading();

  /// Undoes [#pauseReading].
  void resumeReading();

  /// Closes with 1000 and no reason.
  default void close() {
    close(1000, "");
  }

  /// Sends a close frame behind what is pending, waits for the peer's (at most the close timeout),
  /// and ends the connection. Nothing can be sent and no message is delivered any more. Only the
  /// first close counts.
  ///
  /// @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455 §7.4)
  /// @param reason at most 123 bytes in UTF-8
  /// @throws IllegalArgumentException if the code must not be sent or the reason is too long
  void close(int code, String reason);

  /// Ends the connection now: what is pending is lost, the peer sees a reset.
  void abort();

  /// Runs `work` on another thread, which may block, and then `then` with its result as a callback
  /// of this WebSocket. Other messages are delivered meanwhile. Works of one WebSocket may run at
  /// the same time, their outcomes are told in the order of submission. If `work` or `then` throws,
  /// that is treated as if a callback had thrown.
  ///
  /// If the connection has ended meanwhile, a work that has not begun is not run any more, its
  /// `then` is not called; one that has begun is completed, and `then` is called, after
  /// [WebSocketHandler#onClose].
  ///
  /// @return false if `work` was not accepted and will not be run, because too many works of this
  ///   WebSocket or of the server wait already, or the connection has ended. Counted in
  ///   [SessionStatistics#offloadsRefused].
  <T extends @Nullable Object> boolean offload(Callable<T> work, Consumer<? super T> then);

  /// The same, with failures told: exactly one of `then` and `failed` is called once for each work
  /// that was accepted.
  ///
  /// @param failed is called with what `work` threw, or with a
  ///   [java.util.concurrent.CancellationException] if the connection ended before `work` began
  <T extends @Nullable Object> boolean offload(
      Callable<T> work, Consumer<? super T> then, Consumer<? super Throwable> failed);

  /// Runs `task` as a callback of this WebSocket: soon, in the order of the calls, never before
  /// this returns. A task that was accepted is run in any case, even if the connection has ended
  /// meanwhile.
  ///
  /// @return false if the task was not accepted, because as many wait for this WebSocket as may
  ///   ([dev.pollux.net.EngineOptions#mailboxCapacity]), or the server has ended
  boolean execute(Runnable task);

  /// Whether messages can be sent: from the opening handshake until the first close from either
  /// side or the end of the connection.
  boolean isOpen();

  /// Bytes that were accepted and that the kernel has not taken yet, with what its groups were sent
  /// and its owner has not got round to. From another thread than the WebSocket's it may be a
  /// moment old.
  int pendingOutput();

  /// The peer's address, or null if it could not be had
  /// ([dev.pollux.net.Connection#remoteAddress]).
  @Nullable InetSocketAddress remoteAddress();

  /// The path of the request that opened this WebSocket, without the query: `/chat`.
  String path();

  /// The query of that request, as it was sent (not percent-decoded), without `?`; null if there
  /// was none.
  @Nullable String query();

  /// The subprotocol that was agreed upon, or null.
  @Nullable String subprotocol();

  /// What was agreed upon for permessage-deflate (RFC 7692), or null if no message is compressed.
  @Nullable DeflateParameters compression();

  /// Whom the server took the client for when the WebSocket was opened, or null if nobody asked or
  /// it is nobody known.
  @Nullable Principal principal();

  /// Keeps one object of the application's with this WebSocket; null to forget it.
  void attach(@Nullable Object attachment);

  /// What was attached last, or null. Other threads see it as they see a plain field.
  @Nullable Object attachment();
}
