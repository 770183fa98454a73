package dev.pollux.cli;

import dev.pollux.server.PolluxServer;
import dev.pollux.session.Message;
import dev.pollux.session.SendStatus;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Tells everybody who is connected to `/stats` twice a second how the server does.
///
/// Its own sessions and messages are not among those that it tells; their system calls are, because
/// a ledger does not know whom a call is for. While nobody watches it does nothing.
///
/// Everything but the counters is confined to one thread, so that no loop ever waits for a look.
final class LiveFigures implements WebSocketHandler, AutoCloseable {
  private static final int INTERVAL_MILLIS = 500;

  // A viewer that does not keep up gets the next figures, not all that it missed.
  private static final int MAX_PENDING_BYTES = 64 * 1024;

  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1, task -> Thread.ofPlatform().daemon().name("live-figures").unstarted(task));
  private final ThreadStates states = new ThreadStates();
  private final LongAdder ownMessagesIn = new LongAdder();
  private final LongAdder ownMessagesOut = new LongAdder();

  // Confined to the thread.
  private final Set<WebSocket> viewers = new HashSet<>();
  private @Nullable ScheduledFuture<?> ticking;
  private @Nullable PolluxServer server;
  private @Nullable Sample first;
  private @Nullable Sample latest;

  /// From now on there is something to tell.
  void begin(PolluxServer started) {
    run(() -> {
      server = started;
      first = Sample.of(started, 0, 0, 0);
    });
  }

  @Override
  public void onOpen(WebSocket ws) {
    run(() -> add(ws));
  }

  @Override
  public void onMessage(WebSocket ws, Message message) {
    ownMessagesIn.increment();
  }

  @Override
  public void onClose(WebSocket ws, int code, String reason) {
    run(() -> remove(ws));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  private void add(WebSocket ws) {
    viewers.add(ws);
    if (ticking == null) {
      // What was before anybody watched is no interval.
      latest = null;
      ticking = thread.scheduleAtFixedRate(this::tell, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void remove(WebSocket ws) {
    viewers.remove(ws);
    if (viewers.isEmpty() && ticking != null) {
      ticking.cancel(false);
      ticking = null;
    }
  }

  private void tell() {
    if (server == null || first == null) {
      return;
    }
    Sample now = Sample.of(server, viewers.size(), ownMessagesIn.sum(), ownMessagesOut.sum());
    String json = new Figures(first, latest == null ? now : latest, now).json(states.now());
    latest = now;
    for (WebSocket viewer : viewers) {
      if (viewer.pendingOutput() <= MAX_PENDING_BYTES && isAccepted(viewer.sendText(json))) {
        ownMessagesOut.increment();
      }
    }
  }

  private static boolean isAccepted(SendStatus status) {
    return status == SendStatus.ACCEPTED || status == SendStatus.BACKPRESSURE;
  }

  private void run(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      // The server is being stopped: nobody is told any more.
    }
  }
}
