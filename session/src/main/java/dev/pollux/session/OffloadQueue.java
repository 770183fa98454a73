package dev.pollux.session;

import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The works that one session has handed to other threads, in the order of submission:
/// "asynchronous + blocking".
///
/// ```
///   submit --> waiting --a worker takes it--> running --> done --at the head of the queue--> told, by the owner
///                 |                                        ^
///                 +--session ended: not run, cancelled-----+
/// ```
///
/// Made when a session offloads for the first time. The lock is held for a few instructions only,
/// never while a work or a callback runs.
final class OffloadQueue {
  private final WebSocketSession session;
  private final ArrayDeque<OffloadedWork<?>> works = new ArrayDeque<>(4);
  // A delivery is on its way to the owner, or under way there.
  private boolean delivering;
  private volatile boolean ended;

  OffloadQueue(WebSocketSession session) {
    this.session = session;
  }

  <T extends @Nullable Object> boolean submit(
      Callable<T> work, Consumer<? super T> then, @Nullable Consumer<? super Throwable> failed) {
    OffloadedWork<T> offloaded = new OffloadedWork<>(work, then, failed);
    synchronized (works) {
      if (ended || works.size() >= session.sessions.options().offloadBacklog()) {
        return false;
      }
      works.addLast(offloaded);
    }
    try {
      session.sessions.offloadExecutor().execute(() -> perform(offloaded));
      return true;
    } catch (RejectedExecutionException e) {
      takeBack(offloaded);
      return false;
    } catch (Throwable t) {
      // No thread is to be had, most likely: those behind it must not wait for it.
      takeBack(offloaded);
      throw t;
    }
  }

  private void takeBack(OffloadedWork<?> refused) {
    synchronized (works) {
      works.remove(refused);
    }
    deliverIfHeadIsDone();
  }

  /// The session has ended: works that have not begun are cancelled when their turn comes.
  void end() {
    ended = true;
  }

  private void perform(OffloadedWork<?> offloaded) {
    if (ended) {
      offloaded.cancel();
    } else {
      offloaded.run();
    }
    deliverIfHeadIsDone();
  }

  private void deliverIfHeadIsDone() {
    synchronized (works) {
      if (delivering || !headIsDone()) {
        return;
      }
      delivering = true;
    }
    if (!session.connection.enter(this::deliver)) {
      // The engine has ended, and before that every callback and entry of this connection.
      deliver();
    }
  }

  private void deliver() {
    for (OffloadedWork<?> next = nextDone(); next != null; next = nextDone()) {
      next.tell(session);
    }
  }

  private @Nullable OffloadedWork<?> nextDone() {
    synchronized (works) {
      if (headIsDone()) {
        return works.pollFirst();
      }
      delivering = false;
      return null;
    }
  }

  private boolean headIsDone() {
    OffloadedWork<?> head = works.peekFirst();
    return head != null && head.isDone();
  }
}
