package dev.pollux.net.internal.ring;

import dev.pollux.net.internal.loop.DescriptorKey;
import dev.pollux.sys.IoUring;
import dev.pollux.sys.Ring;
import dev.pollux.sys.SystemCall;

/// Takes the completions of a ring's loop and hands each to whom it is for, with a boundary around
/// each: what is thrown ends the connection concerned, and the rest are handed on. The loop's
/// thread.
public final class UringCompletions {
  private static final int MOST_PER_TURN = 4096;

  private final UringLoop loop;
  private final Ring ring;
  private final UringFiles files;
  private final UringListeners listeners;
  private int count;

  public UringCompletions(UringLoop loop, UringFiles files, UringListeners listeners) {
    this.loop = loop;
    this.ring = loop.ring();
    this.files = files;
    this.listeners = listeners;
  }

  /// How many there were the last time.
  public int count() {
    return count;
  }

  /// None has been handed on since.
  public void reset() {
    count = 0;
  }

  /// Hands on what has completed, so much of it as a turn may.
  public void take() {
    count = 0;
    while (count < MOST_PER_TURN && ring.next()) {
      count++;
      int receivedOffset = ring.receivedOffset();
      try {
        onCompletion(ring.opcode(), ring.tag(), ring.result(), ring.flags(), receivedOffset);
      } catch (Throwable t) {
        completionFailed(ring.opcode(), ring.tag(), t);
      } finally {
        if (receivedOffset >= 0) {
          ring.giveBack(receivedOffset);
        }
      }
    }
  }

  /// The rest of the completions are delivered.
  private void completionFailed(int opcode, long tag, Throwable cause) {
    UringTarget target =
        tag == UringLoop.WAKEUP_TAG || tag == UringLoop.NOBODYS_TAG || isAccepting(opcode)
            ? null
            : files.find(tag);
    if (target == null) {
      loop.owner()
          .reportFailure("a completion of " + SystemCall.ofOpcode(opcode) + " failed", cause);
    } else {
      target.fail(cause);
    }
  }

  private static boolean isAccepting(int opcode) {
    return switch (opcode) {
      case IoUring.IORING_OP_ACCEPT,
          IoUring.IORING_OP_NOP,
          IoUring.IORING_OP_MSG_RING,
          IoUring.IORING_OP_FIXED_FD_INSTALL,
          IoUring.IORING_OP_FILES_UPDATE ->
          true;
      default -> false;
    };
  }

  private void onCompletion(int opcode, long tag, int result, int flags, int receivedOffset) {
    // A wake-up is no progress: the task is for which it came.
    if (result >= 0 && tag != UringLoop.WAKEUP_TAG) {
      loop.spins.progress();
    } else {
      loop.spins.reported((long) opcode << 56 | (tag & 0xffff_ffffL), result);
    }
    switch (opcode) {
      case IoUring.IORING_OP_ACCEPT,
          IoUring.IORING_OP_NOP,
          IoUring.IORING_OP_MSG_RING,
          IoUring.IORING_OP_FIXED_FD_INSTALL ->
          onAccepting(opcode, tag, result, flags);
      case IoUring.IORING_OP_FILES_UPDATE -> {
        UringConnecting connecting = files.findMoving(tag);
        if (connecting != null) {
          files.forgetMoving(DescriptorKey.fd(tag));
          connecting.onMoved(result);
        }
      }
      default -> {
        UringTarget target = tag == UringLoop.WAKEUP_TAG ? null : files.find(tag);
        if (target != null) {
          target.onCompletion(opcode, result, flags, receivedOffset);
        } else if (tag == UringLoop.WAKEUP_TAG) {
          if ((flags & IoUring.IORING_CQE_F_MORE) == 0) {
            loop.wakeupEnded();
          }
        } else if (tag != UringLoop.NOBODYS_TAG) {
          loop.staleEvents.increment();
        }
      }
    }
  }

  private void onAccepting(int opcode, long tag, int result, int flags) {
    int id = (int) (tag >>> 32);
    if (opcode == IoUring.IORING_OP_NOP) {
      if (result >= 0) {
        loop.sentByAnother(id, (int) tag, result);
      } else {
        Announced.take((int) tag);
      }
      return;
    }
    listeners.onCompletion(id, opcode, (int) tag, result, flags);
  }
}
