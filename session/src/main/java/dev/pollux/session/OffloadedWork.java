package dev.pollux.session;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A work, and who is told how it went. A worker writes the outcome, then sets `done`; the owner
/// reads it after that.
final class OffloadedWork<T extends @Nullable Object> {
  private final Callable<T> work;
  private final Consumer<? super T> then;
  private final @Nullable Consumer<? super Throwable> failed;
  private @Nullable Runnable outcome;
  private @Nullable Throwable failure;
  private volatile boolean done;

  OffloadedWork(
      Callable<T> work, Consumer<? super T> then, @Nullable Consumer<? super Throwable> failed) {
    this.work = work;
    this.then = then;
    this.failed = failed;
  }

  void run() {
    try {
      T result = work.call();
      outcome = () -> then.accept(result);
    } catch (Throwable e) {
      failure = e;
    }
    done = true;
  }

  void cancel() {
    failure = new CancellationException("the connection ended before the work began");
    done = true;
  }

  boolean isDone() {
    return done;
  }

  /// As the owner.
  void tell(WebSocketSession session) {
    Throwable cause = failure;
    Runnable result = outcome;
    if (cause == null && result != null) {
      HandlerCalls.run(session, result);
    } else if (cause != null && failed != null) {
      HandlerCalls.run(session, () -> failed.accept(cause));
    } else if (cause != null && !(cause instanceof CancellationException)) {
      HandlerCalls.failed(session, cause);
    }
  }
}
