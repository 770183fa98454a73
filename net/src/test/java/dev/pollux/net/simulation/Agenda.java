package dev.pollux.net.simulation;

import java.util.PriorityQueue;

/// Virtual time, and what is going to happen in it. What is due at the same moment happens in the
/// order in which it was entered.
public final class Agenda {
  private record Entry(long nanos, long number, Runnable what) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int byTime = Long.compare(nanos, other.nanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Entry> entries = new PriorityQueue<>();
  private long now = 1_000_000_000L;
  private long entered;
  private long happened;
  private boolean running;

  /// Nanoseconds.
  public long now() {
    return now;
  }

  /// Lets `what` happen after a while.
  public void after(long nanos, Runnable what) {
    entries.add(new Entry(now + nanos, entered++, what));
  }

  /// When the next thing happens; [Long#MAX_VALUE] if nothing does.
  public long next() {
    Entry first = entries.peek();
    return first == null ? Long.MAX_VALUE : first.nanos;
  }

  /// How many things have happened.
  public long happened() {
    return happened;
  }

  /// Lets time pass, and what is due meanwhile happen. Without effect when it is called by
  /// something that happens.
  public void pass(long nanos) {
    if (running) {
      return;
    }
    running = true;
    long end = now + nanos;
    for (Entry first = entries.peek();
        first != null && first.nanos <= end;
        first = entries.peek()) {
      entries.remove();
      now = Math.max(now, first.nanos);
      happened++;
      first.what.run();
    }
    now = end;
    running = false;
  }
}
