package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The output of a connection that several threads write to and one at a time sends.
///
/// ```
///   filling --publish()--> published --the writer takes it--> sending --send(2)--> kernel
///   (the owner's)          (under the lock)                   (the writer's)
/// ```
///
/// Whoever finds no writer becomes it. The lock is held for a few assignments, never across a
/// system call or a callback.
final class OutputQueue {
  private final int fd;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition writerLeft = lock.newCondition();
  private final Output filling;
  private final Output published;
  private final Output sending;

  /// The owner has reserved room since the last publish.
  private boolean reserved;

  private boolean hasWriter;
  private boolean closed;
  private volatile int unsentBytes;

  OutputQueue(int fd, BufferPool pool) {
    this.fd = fd;
    this.filling = new Output(pool);
    this.published = new Output(pool);
    this.sending = new Output(pool);
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
    lock.lock();
    try {
      if (closed || filling.pendingBytes() == 0) {
        filling.discard();
      } else {
        filling.moveTo(published);
        unsentBytes = published.pendingBytes() + sending.pendingBytes();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Bytes written and not taken by the kernel. The owner.
  int pendingBytes() {
    return filling.pendingBytes() + unsentBytes;
  }

  // Writers

  /// Becomes the writer, if there is something to write and nobody is it. Then [#send] until it
  /// returns, and [#leave].
  boolean enter() {
    if (unsentBytes == 0) {
      // Whoever publishes after this look enters after it.
      return false;
    }
    lock.lock();
    try {
      if (hasWriter || closed || published.pendingBytes() + sending.pendingBytes() == 0) {
        return false;
      }
      hasWriter = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// The writer: sends all that is published, with `flags` (0 to block, [Socket#MSG_DONTWAIT] not
  /// to).
  ///
  /// @return 0 if all was taken, or -errno
  int send(Desk desk, int flags) {
    while (take()) {
      int sent = sending.sendOnce(desk.kernel(), fd, desk.pieces(), flags);
      if (sent >= 0) {
        sending.taken(sent);
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

  /// Sends without waiting, unless somebody else is the writer; what is left over stays.
  void sendWhatIsTakenAtOnce(Desk desk) {
    if (enter()) {
      send(desk, Socket.MSG_DONTWAIT);
      leave();
    }
  }

  private boolean take() {
    lock.lock();
    try {
      if (sending.pendingBytes() == 0) {
        sending.discard();
        published.moveTo(sending);
      }
      unsentBytes = published.pendingBytes() + sending.pendingBytes();
      return sending.pendingBytes() > 0 && !closed;
    } finally {
      lock.unlock();
    }
  }

  /// The writer: it is it no more.
  void leave() {
    lock.lock();
    try {
      hasWriter = false;
      writerLeft.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Whether nothing is left to be written and nobody writes.
  boolean isIdle() {
    lock.lock();
    try {
      return !hasWriter && published.pendingBytes() + sending.pendingBytes() == 0;
    } finally {
      lock.unlock();
    }
  }

  /// Nothing is accepted any more and nobody becomes the writer.
  ///
  /// @return whether there is a writer still, which may be in a call on the descriptor
  boolean close() {
    lock.lock();
    try {
      closed = true;
      return hasWriter;
    } finally {
      lock.unlock();
    }
  }

  /// Returns when the last writer has left.
  void awaitNoWriter() {
    lock.lock();
    try {
      while (hasWriter) {
        writerLeft.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The owner, when the queue is closed and the last writer has left: gives all memory back.
  void discard() {
    filling.discard();
    published.discard();
    sending.discard();
    unsentBytes = 0;
  }
}
