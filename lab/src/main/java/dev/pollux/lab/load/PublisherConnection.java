package dev.pollux.lab.load;

import java.util.concurrent.atomic.AtomicInteger;

/// Publishes messages, so many at once, or when a [Pacer] says that one is due. What the server
/// sends back to it is thrown away: some servers send a publisher its own messages.
final class PublisherConnection extends SendingConnection {
  private final FanOut fanOut;
  private final AtomicInteger underWay = new AtomicInteger();
  private final Runnable next = this::publishNext;
  private long published;
  // Messages that were published before this stretch.
  private long publishedBefore;
  private long owed;

  PublisherConnection(LoadRun run, int index) {
    super(run, index);
    this.fanOut = new FanOut(run.plan().audience(), this::settled);
  }

  FanOut fanOut() {
    return fanOut;
  }

  @Override
  void beginStretch() {
    publishedBefore = published;
    owed = 0;
  }

  @Override
  void begin() {
    owed = run.plan().inFlight();
    publishNext();
  }

  /// The thread of a subscriber: all whom a message is for have it.
  private void settled() {
    int left = underWay.decrementAndGet();
    if (run.isSending() && (left == 0 || !run.plan().inBursts())) {
      connection().enter(next);
    }
  }

  private void publishNext() {
    if (!run.isPaced()) {
      owed = (long) run.plan().inFlight() - underWay.get();
    }
    for (;
        owed > 0 && underWay.get() < run.plan().inFlight() && isGood() && run.isSending();
        owed--) {
      long nanos =
          run.isPaced() ? run.intendedNanos(0, published - publishedBefore) : System.nanoTime();
      underWay.incrementAndGet();
      fanOut.published(published, nanos);
      send();
      published++;
    }
  }

  private void send() {
    int rooms = run.plan().rooms();
    if (rooms > 0) {
      run.payloads().sendTo((int) (published % rooms), connection(), index, published);
    } else {
      run.payloads().send(connection(), index, published);
    }
  }

  @Override
  int place() {
    return 0;
  }

  @Override
  void due() {
    owed++;
    publishNext();
  }

  @Override
  long outstandingNow() {
    return underWay.get();
  }

  @Override
  long owedNow() {
    return owed;
  }
}
