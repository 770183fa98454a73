package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The output of a connection that several threads write to and one at a time sends.
///
/// ```
///   filling --publish()--> published --the writer takes it--> sending --send(2)--> kernel
///   (the owner's)          (under the lock)                   (the writer's)         ^
///      +-------------------------sendOrPublish(), nobody before it-------------------+
/// ```
///
/// Whoever finds no writer becomes it. The lock is held for a few assignments, never across a
/// system call or a callback. The two stations behind `filling` are there from the first output on
/// that needs them.
final class OutputQueue {
  private final int fd;
  private final BufferPool pool;
  private final Output filling;

  /// The owner has reserved room since the last publish.
  private boolean reserved;

  private volatile boolean closed;
  private volatile int unsentBytes;

  /// Made by the owner. Who sets [#closed] looks for it afterwards, and who becomes a writer in it
  /// looks at [#closed] afterwards: one of the two sees the other.
  private volatile @Nullable Stations stations;

  OutputQueue(int fd, BufferPool pool) {
    this.fd = fd;
    this.pool = pool;
    this.filling = new Output(pool);
  }

  /// What the owner and the writers share.
  private static final class Stations {
    final ReentrantLock lock = new ReentrantLock();
    final Condition writerLeft = lock.newCondition();

    // Guarded by the lock.
    final Output published;
    final Output sending;

    /// Changed under the lock.
    volatile boolean hasWriter;

    Stations(BufferPool pool) {
      this.published = new Output(pool);
      this.sending = new Output(pool);
    }

    int pendingBytes() {
      return published.pendingBytes() + sending.pendingBytes();
    }

    void discard() {
      published.discard();
      sending.discard();
    }
  }

  // The owner

  MemorySegment reserve(int length) {
    reserved = true;
    return filling.reserve(length, unsentBytes > 0);
  }

  int reservedOffset() {
    return filling.reservedOffset();
  }

  void commit(int length) {
    filling.commit(length);
  }

  /// Whether [#publish] has something to do.
  boolean hasUnpublished() {
    return reserved;
  }

  /// Hands what the owner has written to the writers. Thrown away if the queue is closed.
  void publish() {
    reserved = false;
    if (closed || filling.pendingBytes() == 0) {
      filling.discard();
      return;
    }
    Stations behind = stations;
    if (behind == null) {
      behind = new Stations(pool);
      stations = behind;
    }
    behind.lock.lock();
    try {
      filling.moveTo(behind.published);
      unsentBytes = behind.pendingBytes();
    } finally {
      behind.lock.unlock();
    }
  }

  /// [#publish], but where nobody's output is before it, it is offered to the kernel first, without
  /// waiting. The owner, if it is the thread that closes the descriptor: no other becomes a writer
  /// before something is published.
  ///
  /// @return 0 if the kernel took it all, `-EAGAIN` if it is left to the writers, or the -errno
  ///   after which nothing is accepted any more
  int sendOrPublish(Desk desk) {
    int result =
        isTheOwnersAlone()
            ? filling.flush(desk.kernel(), fd, desk.pieces(), Socket.MSG_DONTWAIT)
            : -Errno.EAGAIN;
    if (result == 0) {
      reserved = false;
      return 0;
    }
    if (result != -Errno.EAGAIN) {
      close();
    }
    publish();
    return result;
  }

  private boolean isTheOwnersAlone() {
    Stations behind = stations;
    return filling.pendingBytes() > 0
        && unsentBytes == 0
        && !closed
        && (behind == null || !behind.hasWriter);
  }

  /// Bytes written and not taken by the kernel. The owner.
  int pendingBytes() {
    return filling.pendingBytes() + unsentBytes;
  }

  // Writers

  /// Becomes the writer, if there is something to write and nobody is it. Then [#send] until it
  /// returns, and [#leave].
  boolean enter() {
    Stations behind = stations;
    if (unsentBytes == 0 || behind == null) {
      // Whoever publishes after this look enters after it.
      return false;
    }
    behind.lock.lock();
    try {
      if (behind.hasWriter || closed || behind.pendingBytes() == 0) {
        return false;
      }
      behind.hasWriter = true;
      return true;
    } finally {
      behind.lock.unlock();
    }
  }

  /// The writer: sends all that is published, with `flags` (0 to block, [Socket#MSG_DONTWAIT] not
  /// to).
  ///
  /// @return 0 if all was taken, or -errno
  int send(Desk desk, int flags) {
    Stations behind = entered();
    while (take(behind)) {
      int sent = behind.sending.sendOnce(desk.kernel(), fd, desk.pieces(), flags);
      if (sent >= 0) {
        behind.sending.taken(sent);
      } else if (sent != -Errno.EINTR) {
        if (sent != -Errno.EAGAIN) {
          // Nobody will ever take it: the next writer would only meet the same error.
          close();
        }
        return sent;
      }
    }
    return 0;
  }

  private Stations entered() {
    Stations behind = stations;
    if (behind == null) {
      throw new IllegalStateException("nobody has become the writer");
    }
    return behind;
  }

  /// Sends without waiting, unless somebody else is the writer; what is left over stays.
  void sendWhatIsTakenAtOnce(Desk desk) {
    if (enter()) {
      send(desk, Socket.MSG_DONTWAIT);
      leave();
    }
  }

  private boolean take(Stations behind) {
    behind.lock.lock();
    try {
      if (behind.sending.pendingBytes() == 0) {
        behind.sending.discard();
        behind.published.moveTo(behind.sending);
      }
      unsentBytes = behind.pendingBytes();
      return behind.sending.pendingBytes() > 0 && !closed;
    } finally {
      behind.lock.unlock();
    }
  }

  /// The writer: it is it no more.
  void leave() {
    Stations behind = entered();
    behind.lock.lock();
    try {
      behind.hasWriter = false;
      behind.writerLeft.signalAll();
    } finally {
      behind.lock.unlock();
    }
  }

  /// Whether nothing is left to be written and nobody writes.
  boolean isIdle() {
    Stations behind = stations;
    if (behind == null) {
      return true;
    }
    behind.lock.lock();
    try {
      return !behind.hasWriter && behind.pendingBytes() == 0;
    } finally {
      behind.lock.unlock();
    }
  }

  /// Nothing is accepted any more and nobody becomes the writer.
  ///
  /// @return whether there is a writer still, which may be in a call on the descriptor
  boolean close() {
    closed = true;
    Stations behind = stations;
    if (behind == null) {
      return false;
    }
    behind.lock.lock();
    try {
      return behind.hasWriter;
    } finally {
      behind.lock.unlock();
    }
  }

  /// Returns when the last writer has left.
  void awaitNoWriter() {
    Stations behind = stations;
    if (behind == null) {
      return;
    }
    behind.lock.lock();
    try {
      while (behind.hasWriter) {
        behind.writerLeft.awaitUninterruptibly();
      }
    } finally {
      behind.lock.unlock();
    }
  }

  /// The owner, when the queue is closed and the last writer has left: gives all memory back.
  void discard() {
    filling.discard();
    Stations behind = stations;
    if (behind != null) {
      behind.discard();
    }
    unsentBytes = 0;
  }
}
