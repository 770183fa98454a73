package dev.pollux.client;

import dev.pollux.session.RateLimitedLog;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// A WebSocket that comes back: when it ends or can't be made, it is tried again, later each time.
/// Any thread may call its methods.
///
/// The handler hears of each connection as of a new WebSocket, from `onOpen` to `onClose`. What was
/// sent and not received is lost with its connection: what has to be known after a break is the
/// application's to say again in `onOpen`.
///
/// ```
///              opened                  ended, or could not be made
///   CONNECTING ------> CONNECTED ------------------------> WAITING --the delay is over--> CONNECTING
///       +--given up: 1000 or 1008 from the server, a refusal by 3xx or 4xx, too many tries--> ENDED
///       +--close()--------------------------------------------------------------------------> ENDED
/// ```
///
/// Not tried again is what would only be refused again: a close with 1000 (all is done) or 1008
/// (policy), and an answer of 3xx or 4xx except 408, 425 and 429. `Retry-After` in seconds is
/// heeded.
///
/// A try ends once, however many tell of it, and what a listener throws is logged and keeps nobody
/// from the next one.
public final class Reconnecting implements AutoCloseable {
  private static final RateLimitedLog FAILURES =
      new RateLimitedLog(LoggerFactory.getLogger(ReconnectListener.class));

  private final PolluxClient client;
  private final ClientRequest request;
  private final WebSocketHandler handler;
  private final ReconnectListener listener;
  private final Delays delays;
  private final LongSupplier nanoClock;

  // Guarded by this.
  private final Backoff backoff;
  private @Nullable WebSocket current;
  private @Nullable CompletableFuture<WebSocket> opening;
  private long openedNanos;
  private boolean ended;

  /// The number of the try that is under way, or else of the next one.
  private int number;

  Reconnecting(
      PolluxClient client,
      ClientRequest request,
      WebSocketHandler handler,
      ReconnectListener listener,
      Backoff backoff,
      Delays delays,
      LongSupplier nanoClock) {
    this.client = client;
    this.request = request;
    this.handler = handler;
    this.listener = listener;
    this.backoff = backoff;
    this.delays = delays;
    this.nanoClock = nanoClock;
  }

  /// The WebSocket of the moment, or null between two of them.
  public synchronized @Nullable WebSocket current() {
    return current;
  }

  /// Whether it will not be tried any more.
  public synchronized boolean hasEnded() {
    return ended;
  }

  /// Closes the WebSocket of the moment with 1000, and tries no more.
  @Override
  public void close() {
    WebSocket open;
    CompletableFuture<WebSocket> underWay;
    synchronized (this) {
      ended = true;
      open = current;
      underWay = opening;
    }
    if (underWay != null) {
      underWay.cancel(false);
    }
    if (open != null) {
      open.close();
    }
  }

  void connect() {
    int mine;
    CompletableFuture<WebSocket> outcome;
    synchronized (this) {
      if (ended) {
        return;
      }
      mine = number;
      outcome = begin(mine);
      opening = outcome;
    }
    var _ =
        outcome.whenComplete((_, failure) -> {
          if (failure != null) {
            notMade(mine, failure);
          }
        });
  }

  private CompletableFuture<WebSocket> begin(int mine) {
    try {
      return client.connect(
          request, ForwardingHandler.to(handler, this::opened, code -> closed(mine, code)));
    } catch (Throwable failure) {
      // A timer's thread keeps to itself what is thrown.
      return CompletableFuture.failedFuture(failure);
    }
  }

  private void opened(WebSocket ws) {
    boolean late;
    synchronized (this) {
      current = ws;
      opening = null;
      openedNanos = nanoClock.getAsLong();
      late = ended;
    }
    if (late) {
      ws.close();
    }
  }

  private void closed(int mine, int code) {
    boolean forGood = code == 1000 || code == 1008;
    synchronized (this) {
      boolean wasOpened = current != null;
      if (!endTry(mine)) {
        return;
      }
      if (wasOpened) {
        backoff.lasted(nanoClock.getAsLong() - openedNanos);
      }
    }
    again("closed with " + code, forGood, 0);
  }

  private void notMade(int mine, Throwable failure) {
    if (!endTry(mine)) {
      return;
    }
    boolean forGood = false;
    long atLeastNanos = 0;
    if (failure instanceof HandshakeException refused) {
      int status = refused.status();
      forGood = status >= 300 && status < 500 && status != 408 && status != 425 && status != 429;
      atLeastNanos = retryAfterNanos(refused.headers().first("Retry-After"));
    }
    again(reasonOf(failure), forGood, atLeastNanos);
  }

  /// @return false if that was done already: a connection whose opening fails halfway may tell of
  ///   it twice
  private synchronized boolean endTry(int mine) {
    if (mine != number) {
      return false;
    }
    number++;
    current = null;
    opening = null;
    return true;
  }

  private static String reasonOf(Throwable failure) {
    if (failure instanceof IOException) {
      return String.valueOf(failure.getMessage());
    }
    try {
      return failure.toString();
    } catch (Throwable unprintable) {
      // Of an application's exception, which may throw at that.
      return failure.getClass().getName();
    }
  }

  /// RFC 9110 §10.2.3: seconds, or a date, which is not heeded.
  private static long retryAfterNanos(@Nullable String value) {
    return value != null && value.matches("[0-9]{1,5}")
        ? Duration.ofSeconds(Long.parseLong(value)).toNanos()
        : 0;
  }

  private void again(String why, boolean forGood, long atLeastNanos) {
    long delay;
    int tries;
    synchronized (this) {
      ended |= client.isStopping();
      if (ended) {
        return;
      }
      delay = forGood ? Backoff.GIVE_UP : backoff.nextDelayNanos(atLeastNanos);
      tries = backoff.tries();
      ended = delay == Backoff.GIVE_UP;
    }
    if (delay == Backoff.GIVE_UP) {
      tell(() -> listener.onGivenUp(why));
      return;
    }
    tell(() -> listener.onRetry(tries, Duration.ofNanos(delay), why));
    try {
      delays.after(delay, this::connect);
    } catch (Throwable failure) {
      // There is no timer to be had (no thread for it): nobody would ever try again.
      synchronized (this) {
        ended = true;
      }
      FAILURES.log(Level.ERROR, "nothing can be tried again", request, failure);
      tell(() -> listener.onGivenUp(why));
    }
  }

  private void tell(Runnable event) {
    try {
      event.run();
    } catch (Throwable failure) {
      FAILURES.log(Level.ERROR, "a listener failed", request, failure);
    }
  }
}
