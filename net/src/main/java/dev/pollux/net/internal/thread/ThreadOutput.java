package dev.pollux.net.internal.thread;

import dev.pollux.net.BufferPool;
import dev.pollux.net.internal.memory.Output;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The output of a connection that has a thread of its own: filled in the connection's turn, sent
/// by one of its threads outside of it, because that may wait for the peer.
///
/// ```
///   filling --takeForWriter()--> sending --send(): the writer's, out of turn--> kernel
///   (in turn)     (in turn)         |                                             ^
///      |                            +--writerIsDone(), in turn                    |
///      +-------------------------------sendNow(): in turn, without waiting -------+
/// ```
public final class ThreadOutput {
  private final int fd;
  private final BufferPool pool;

  /// Null until something is written for the first time.
  private @Nullable Output filling;

  /// Null while there is no writer.
  private @Nullable Output sending;

  private boolean reserved;
  private volatile int sendingBytes;
  private volatile boolean writing;

  public ThreadOutput(int fd, BufferPool pool) {
    this.fd = fd;
    this.pool = pool;
  }

  // In turn

  public MemorySegment reserve(int length) {
    reserved = true;
    return filling().reserve(length, sendingBytes > 0);
  }

  private Output filling() {
    Output made = filling;
    if (made == null) {
      made = new Output(pool);
      filling = made;
    }
    return made;
  }

  public int reservedOffset() {
    Output made = filling;
    return made == null ? 0 : made.reservedOffset();
  }

  public void commit(int length) {
    filling().commit(length);
  }

  /// Whether something was reserved that has not been sent or taken since.
  public boolean isTouched() {
    return reserved;
  }

  /// Bytes written and not taken by the kernel. In turn.
  public int pendingBytes() {
    Output made = filling;
    return (made == null ? 0 : made.pendingBytes()) + sendingBytes;
  }

  /// Offers what is filled to the kernel without waiting, if no writer is at it.
  ///
  /// @return 0 if it took all, `-EAGAIN` if it is left to a writer, or the -errno after which
  ///   nobody will ever take it
  public int sendNow(Desk desk) {
    Output full = filling;
    if (full == null || full.pendingBytes() == 0 || writing) {
      return -Errno.EAGAIN;
    }
    int result = full.flush(desk.kernel(), fd, desk.pieces(), Socket.MSG_DONTWAIT);
    if (result == 0) {
      reserved = false;
    }
    return result;
  }

  /// If there is something to send and nobody who does, the calling thread becomes the writer: it
  /// leaves the turn and calls [#send].
  public boolean takeForWriter() {
    reserved = false;
    Output full = filling;
    if (full == null || writing) {
      return false;
    }
    if (full.pendingBytes() == 0) {
      full.discard();
      return false;
    }
    sending = full;
    filling = null;
    sendingBytes = full.pendingBytes();
    writing = true;
    return true;
  }

  /// The writer is back in turn, whatever came of it.
  public void writerIsDone() {
    Output sent = sending;
    sending = null;
    sendingBytes = 0;
    writing = false;
    if (sent == null) {
      return;
    }
    sent.discard();
    if (filling == null) {
      // Kept for the next time.
      filling = sent;
    }
  }

  /// Throws away what nobody sends any more.
  public void discard() {
    Output full = filling;
    if (full != null) {
      full.discard();
    }
    reserved = false;
  }

  // The writer, out of turn

  /// Sends all that it took.
  ///
  /// @param flags 0 to wait in the call, [Socket#MSG_DONTWAIT] not to
  /// @return 0 if all is taken, or -errno
  public int send(Desk desk, int flags) {
    Output mine = sending;
    if (mine == null) {
      return 0;
    }
    int result = 0;
    while (mine.pendingBytes() > 0 && result >= 0) {
      result = mine.sendOnce(desk.kernel(), fd, desk.pieces(), flags);
      if (result >= 0) {
        mine.taken(result);
        sendingBytes = mine.pendingBytes();
      } else if (result == -Errno.EINTR) {
        result = 0;
      }
    }
    return Math.min(0, result);
  }

  // Any thread

  /// Whether a thread is at it to send what is written.
  public boolean hasWriter() {
    return writing;
  }
}
