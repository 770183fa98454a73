package dev.pollux.session;

import dev.pollux.websocket.CloseCode;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Calls a session's handler, its tasks and the outcomes of its offloaded works, and sees to what
/// they throw.
final class HandlerCalls {
  private static final RateLimitedLog FAILURES =
      new RateLimitedLog(LoggerFactory.getLogger(WebSocketHandler.class));

  private HandlerCalls() {}

  /// Runs what belongs to the handler; what it throws is the handler's failure. As the owner.
  static void run(WebSocketSession session, Runnable callback) {
    try {
      callback.run();
    } catch (Throwable e) {
      failed(session, e);
    }
  }

  /// The handler has thrown: it is told, and the session is closed with 1011. As the owner.
  static void failed(WebSocketSession session, Throwable cause) {
    session.sessions.counters().handlerFailures.increment();
    log("a handler failed", session, cause);
    if (session.hasEnded()) {
      return;
    }
    try {
      session.handler.onError(session, cause);
    } catch (Throwable e) {
      log("a handler failed in onError", session, e);
    }
    if (!session.closeRequested) {
      close(session);
    }
  }

  /// Throws nothing: a failure that can't be printed must not be the end of what has still to be
  /// done about it.
  private static void log(String what, WebSocketSession session, Throwable cause) {
    try {
      FAILURES.log(Level.ERROR, what, session.path(), cause);
    } catch (Throwable unprintable) {
      logNameOf(cause);
    }
  }

  private static void logNameOf(Throwable cause) {
    try {
      FAILURES.log(Level.ERROR, "a handler failed, with", cause.getClass().getName());
    } catch (Throwable nothingIsLogged) {
      // The count tells.
    }
  }

  private static void close(WebSocketSession session) {
    try {
      Closing.start(session, CloseCode.INTERNAL_ERROR, "");
    } catch (Throwable e) {
      // No memory even for that, most likely.
      log("a failure can't be said to the peer", session, e);
      session.connection.abort();
    }
  }

  /// Hands a work to other threads. Any thread.
  static <T extends @Nullable Object> boolean offload(
      WebSocketSession session,
      Callable<T> work,
      Consumer<? super T> then,
      @Nullable Consumer<? super Throwable> failed) {
    boolean accepted =
        !session.hasEnded() && session.extras().offloads(session).submit(work, then, failed);
    SessionCounters counters = session.sessions.counters();
    (accepted ? counters.offloads : counters.offloadsRefused).increment();
    return accepted;
  }
}
