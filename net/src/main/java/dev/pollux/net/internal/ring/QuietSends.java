package dev.pollux.net.internal.ring;

import dev.pollux.sys.IoUring;
import dev.pollux.sys.Ring;
import dev.pollux.sys.SyscallLedger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The sends of a ring's loop that never wait, and of which nothing is heard but that one failed or
/// took less than everything: each is over when the call that submits it returns.
///
/// ```
///   add() --enter: entered()--> submitted --settle(): no send has failed--> its connection is told
///                                   |
///                                   +-- its completion: remove() --> its connection knows already
/// ```
///
/// They save the completion of nearly every send. The memory of each stays the kernel's until it is
/// settled or its completion has come. The loop's thread.
public final class QuietSends {
  private final Ring ring;
  private final SyscallLedger ledger;
  private @Nullable UringConnection[] connections = new UringConnection[64];
  private int count;

  /// How many of them, the first ones, the kernel has taken.
  private int submitted;

  public QuietSends(Ring ring, SyscallLedger ledger) {
    this.ring = ring;
    this.ledger = ledger;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /// The connection has queued one; returns its place.
  public int add(UringConnection connection) {
    if (count == connections.length) {
      connections = Arrays.copyOf(connections, count * 2);
    }
    connections[count] = connection;
    return count++;
  }

  /// The one at this place has completed after all.
  public void remove(int place) {
    connections[place] = null;
  }

  /// The ring was entered.
  public void entered() {
    if (ring.unsubmitted() == 0) {
      submitted = count;
    }
  }

  /// Tells the connections whose send has succeeded, as soon as no completion could say otherwise.
  public void settle() {
    if (submitted == 0 || ring.mayTellOf(IoUring.IORING_OP_SEND, IoUring.IORING_OP_SENDMSG)) {
      return;
    }
    for (int i = 0; i < submitted; i++) {
      UringConnection connection = connections[i];
      if (connection != null) {
        // First: should the call fail, the turn after must not tell it again.
        connections[i] = null;
        try {
          connection.onSentQuietly(ledger);
        } catch (Throwable t) {
          connection.fail(t);
        }
      }
    }
    int left = count - submitted;
    System.arraycopy(connections, submitted, connections, 0, left);
    Arrays.fill(connections, left, count, null);
    for (int i = 0; i < left; i++) {
      UringConnection connection = connections[i];
      if (connection != null) {
        connection.quietSendMoved(i);
      }
    }
    count = left;
    submitted = 0;
  }
}
