package dev.pollux.net.simulation;

/// Something that happens again and again, once at a time: at the earliest of the moments that were
/// asked for since it happened last.
public final class Alarm {
  private final Agenda agenda;
  private final Runnable what;
  private long dueNanos = Long.MAX_VALUE;

  /// One that nobody has asked for yet.
  public Alarm(Agenda agenda, Runnable what) {
    this.agenda = agenda;
    this.what = what;
  }

  /// It happens after that time, if not before.
  public void within(long nanos) {
    long when = agenda.now() + nanos;
    if (when < dueNanos) {
      dueNanos = when;
      agenda.after(
          nanos,
          () -> {
            if (dueNanos == when) {
              dueNanos = Long.MAX_VALUE;
              what.run();
            }
          });
    }
  }
}
