package dev.pollux.cli;

import dev.pollux.server.PolluxServer;
import dev.pollux.session.Message;
import dev.pollux.session.SendStatus;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
/// A viewer can find out what a message costs ([MessageCost]): it asks for `quiet`, upon which
/// nobody is told anything for a while, and says `mark` before and after its message. That costs
/// the handler of the message nothing.
///
/// Everything but the counters and the marks is confined to one thread, so that no loop ever waits
/// for a look.
final class LiveFigures implements WebSocketHandler, AutoCloseable {
  private static final int INTERVAL_MILLIS = 500;
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(2);

  // A viewer that does not keep up gets the next figures, not all that it missed.
  private static final int MAX_PENDING_BYTES = 64 * 1024;

  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1, task -> Thread.ofPlatform().daemon().name("live-figures").unstarted(task));
  private final ThreadStates states = new ThreadStates();
  private final LongAdder ownMessagesIn = new LongAdder();
  private final LongAdder ownMessagesOut = new LongAdder();
  private final Map<WebSocket, MessageCost> costs = new ConcurrentHashMap<>();
  private volatile long quietSince = System.nanoTime() - QUIET_NANOS;

  // Confined to the thread.
  private final Set<WebSocket> viewers = new HashSet<>();
  private @Nullable ScheduledFuture<?> ticking;
  private volatile @Nullable PolluxServer server;
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
    asked(ws, message);
    // As the session counts it: when it has been handled.
    ownMessagesIn.increment();
  }

  private void asked(WebSocket ws, Message message) {
    PolluxServer started = server;
    if (started == null || !message.isText()) {
      return;
    }
    switch (message.text()) {
      case "quiet" -> {
        MessageCost cost =
            costs.computeIfAbsent(ws, _ -> new MessageCost(started.choice().model()));
        cost.begin();
        run(() -> beQuiet(ws, cost));
      }
      case "mark" -> {
        MessageCost cost = costs.get(ws);
        if (cost != null) {
          // Here, on the thread that has received it, and before the answer.
          answer(ws, cost.mark(sample(started)));
        }
      }
      default -> {
        // What this server does not know it ignores.
      }
    }
  }

  /// Behind whatever was told before: what is told comes in order.
  private void beQuiet(WebSocket ws, MessageCost cost) {
    quietSince = System.nanoTime();
    answer(ws, "{\"quiet\":true}");
    cost.quiet();
  }

  private void answer(WebSocket ws, String json) {
    if (isAccepted(ws.sendText(json))) {
      ownMessagesOut.increment();
    }
  }

  @Override
  public void onClose(WebSocket ws, int code, String reason) {
    costs.remove(ws);
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

  private Sample sample(PolluxServer started) {
    return Sample.of(started, costs.size(), ownMessagesIn.sum(), ownMessagesOut.sum());
  }

  private void tell() {
    PolluxServer started = server;
    if (started == null || first == null || System.nanoTime() - quietSince < QUIET_NANOS) {
      return;
    }
    Sample now = Sample.of(started, viewers.size(), ownMessagesIn.sum(), ownMessagesOut.sum());
    String json = new Figures(first, latest == null ? now : latest, now).json(states.now());
    latest = now;
    for (WebSocket viewer : viewers) {
      if (viewer.pendingOutput() <= MAX_PENDING_BYTES) {
        answer(viewer, json);
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
