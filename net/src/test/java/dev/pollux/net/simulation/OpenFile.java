package dev.pollux.net.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a descriptor stands for: it has a readiness that can be asked for (poll(2), select(2),
/// epoll_wait(2)), and it wakes who watches it when that changes.
abstract class OpenFile {
  private final List<EpollFile.Watch> watches = new ArrayList<>(1);

  /// Readiness that is not so, told once: a datagram with a wrong checksum is the classic (BUGS in
  /// select(2)).
  private int spurious;

  /// Nobody is told of readiness before then.
  private long hiddenUntilNanos;

  /// Told of every wake-up besides the watches.
  @Nullable Runnable onWake;

  /// `EPOLL...` bits: what is so now.
  abstract int readiness();

  /// Its last descriptor is closed.
  void closed() {}

  /// What a call that waits is told.
  final int told(long nowNanos) {
    if (nowNanos < hiddenUntilNanos) {
      return 0;
    }
    int told = readiness() | spurious;
    spurious = 0;
    return told;
  }

  final boolean isHidden(long nowNanos) {
    return nowNanos < hiddenUntilNanos;
  }

  final void pretend(int readiness) {
    spurious = readiness;
    wake(readiness);
  }

  final void hide(Agenda agenda, long nanos) {
    hiddenUntilNanos = agenda.now() + nanos;
    // So that whoever waits looks again.
    agenda.after(nanos, () -> {});
  }

  /// Something happened: those are woken that watch for one of these bits; 0 wakes all.
  final void wake(int bits) {
    for (int i = 0; i < watches.size(); i++) {
      watches.get(i).wake(bits);
    }
    if (onWake != null) {
      onWake.run();
    }
  }

  final void watched(EpollFile.Watch watch) {
    watches.add(watch);
  }

  final void notWatched(EpollFile.Watch watch) {
    watches.remove(watch);
  }

  final void closeLast() {
    while (!watches.isEmpty()) {
      watches.getLast().remove();
    }
    closed();
  }
}
