package dev.pollux.client;

import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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
public final class Reconnecting implements AutoCloseable {
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
    CompletableFuture<WebSocket> outcome;
    synchronized (this) {
      if (ended) {
        return;
      }
      outcome = client.connect(request, ForwardingHandler.to(handler, this::opened, this::closed));
      opening = outcome;
    }
    var _ =
        outcome.whenComplete((_, failure) -> {
          if (failure != null) {
            notMade(failure);
          }
        });
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

  private void closed(int code) {
    boolean forGood = code == 1000 || code == 1008;
    synchronized (this) {
      current = null;
      backoff.lasted(nanoClock.getAsLong() - openedNanos);
    }
    again("closed with " + code, forGood, 0);
  }

  private void notMade(Throwable failure) {
    synchronized (this) {
      opening = null;
    }
    boolean forGood = false;
    long atLeastNanos = 0;
    if (failure instanceof HandshakeException refused) {
      int status = refused.status();
      forGood = status >= 300 && status < 500 && status != 408 && status != 425 && status != 429;
      atLeastNanos = retryAfterNanos(refused.headers().first("Retry-After"));
    }
    again(String.valueOf(failure.getMessage()), forGood, atLeastNanos);
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
      listener.onGivenUp(why);
    } else {
      listener.onRetry(tries, Duration.ofNanos(delay), why);
      delays.after(delay, this::connect);
    }
  }
}
