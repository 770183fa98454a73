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
    FAILURES.log(Level.ERROR, "a handler failed", session.path(), cause);
    if (session.hasEnded()) {
      return;
    }
    try {
      session.handler.onError(session, cause);
    } catch (Throwable e) {
      FAILURES.log(Level.ERROR, "a handler failed in onError", session.path(), e);
    }
    if (!session.closeRequested) {
      Closing.start(session, CloseCode.INTERNAL_ERROR, "");
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
