package dev.pollux.lab.experiment;

import dev.pollux.sys.IoUring;
import dev.pollux.sys.LinuxRing;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.Ring;
import dev.pollux.sys.RingOperations;
import dev.pollux.sys.RingSetup;
import java.io.IOException;
import java.lang.foreign.Arena;

/// `io_uring_enter(2)`: a poll stays in the ring for each descriptor, and has a completion each
/// time that its descriptor becomes readable. Nothing goes in to wait, and what comes out lies in
/// memory.
///
/// It belongs to the thread that made it.
final class RingWaiter implements Waiter {
  // Nothing is received by the ring; it has no fewer buffers.
  private static final RingSetup SETUP = RingSetup.DEFAULT.withReceiveBuffers(1, 512);

  private final Ring ring;
  private final int[] fds;

  RingWaiter(int[] fds, Arena arena) throws IOException {
    this.fds = fds;
    this.ring = LinuxRing.open(arena, SETUP);
    for (int i = 0; i < fds.length; i++) {
      watch(i);
    }
    // Submits what is not submitted yet.
    ring.enter(0, 0);
  }

  private void watch(int index) {
    RingOperations.poll(ring, fds[index], 0, PollFds.POLLIN, true, index);
  }

  @Override
  public int await(int[] ready) {
    int entered = ring.hasNext() ? 0 : ring.enter(1, -1);
    if (entered < 0) {
      return entered;
    }
    int found = 0;
    while (found < ready.length && ring.next()) {
      int index = (int) ring.tag();
      if ((ring.flags() & IoUring.IORING_CQE_F_MORE) == 0) {
        // The kernel had no room for the completion of one that goes on.
        watch(index);
      }
      if (ring.result() < 0) {
        return ring.result();
      }
      ready[found++] = index;
    }
    return found;
  }

  @Override
  public void close() {
    ring.close();
  }
}
