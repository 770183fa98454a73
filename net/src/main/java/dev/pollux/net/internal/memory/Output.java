package dev.pollux.net.internal.memory;

import dev.pollux.net.BufferPool;
import dev.pollux.net.Connection;
import dev.pollux.net.SharedOutput;
import dev.pollux.sys.Errno;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Ring;
import dev.pollux.sys.RingOperations;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SystemCall;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Output of one connection that the kernel has not taken yet: a queue of chunks. It exists only
/// while something is pending; the owner keeps it for the next connection when it is empty.
///
/// What many connections send is a chunk that is not the pool's but a [SharedOutput], held until it
/// is sent; a small one that has to wait is copied.
///
/// A connection whose peer takes everything writes into one large chunk, always the same warm one.
/// What the kernel refused is moved into a chunk of its own size, so that a slow peer holds little
/// more memory than it has pending.
public final class Output {
  public static final int CHUNK_BYTES = 64 * 1024;
  private static final int LARGEST_CHUNK_BYTES = 1024 * 1024;

  /// Of what many send, pieces of so many bytes at most are copied where something waits already: a
  /// reference costs an object, and keeps the memory of what the others have sent long since.
  private static final int COPIED_BYTES = 1024;

  private final BufferPool pool;
  private final int firstChunkBytes;
  private @Nullable Chunk first;
  private @Nullable Chunk last;
  private @Nullable Chunk spare;
  private int pendingBytes;
  private int reservedOffset;

  /// What the last [#queue] has queued.
  private int queuedBytes;

  private boolean queuedAsMessage;

  private static final class Chunk {
    MemorySegment memory = MemorySegment.NULL;
    int start;
    int end;
    @Nullable Chunk next;

    /// Whose the memory is if it is not the pool's: nothing is added to it.
    @Nullable SharedOutput shared;

    int used() {
      return end - start;
    }

    int room() {
      return shared == null ? (int) memory.byteSize() - end : 0;
    }
  }

  public Output(BufferPool pool) {
    this(pool, CHUNK_BYTES);
  }

  /// @param firstChunkBytes what it begins with, while nothing of it is refused; a first piece of
  ///   more than half of that gets a large chunk
  public Output(BufferPool pool, int firstChunkBytes) {
    this.pool = pool;
    this.firstChunkBytes = firstChunkBytes;
  }

  public int pendingBytes() {
    return pendingBytes;
  }

  public int reservedOffset() {
    return reservedOffset;
  }

  /// Room for `length` bytes in one piece, from [#reservedOffset] on.
  ///
  /// @param blocked whether the kernel refused output of this connection, or others have theirs
  ///   first, so that what is added will stay a while
  public MemorySegment reserve(int length, boolean blocked) {
    if (length < 0 || length > Connection.MAX_RESERVE_BYTES) {
      throw new IllegalArgumentException(
          "reserve of " + length + " bytes; from 0 to " + Connection.MAX_RESERVE_BYTES);
    }
    Chunk chunk = last;
    if (chunk == null || chunk.shared != null || chunk.room() < length) {
      int bytes = chunkBytes(length, blocked);
      chunk = add(blocked ? pool.borrowToHold(bytes) : pool.borrow(bytes));
    }
    reservedOffset = chunk.end;
    return chunk.memory;
  }

  private int chunkBytes(int length, boolean blocked) {
    if (pendingBytes > 4 * CHUNK_BYTES) {
      // A long message: in few large pieces, whose memory the pool gives back when it is out.
      return Math.min(LARGEST_CHUNK_BYTES, Integer.highestOneBit(pendingBytes / 2));
    }
    if (blocked) {
      return Math.min(CHUNK_BYTES, Math.max(length, pendingBytes));
    }
    return pendingBytes == 0 && length <= firstChunkBytes / 2 ? firstChunkBytes : CHUNK_BYTES;
  }

  public void commit(int length) {
    Chunk chunk = last;
    if (chunk == null || length < 0 || length > chunk.room()) {
      throw new IllegalStateException("commit of " + length + " bytes that were not reserved");
    }
    chunk.end += length;
    pendingBytes += length;
  }

  /// Adds what others send too: as a reference, or, if it is small and something waits already, as
  /// a copy.
  public void append(SharedOutput shared) {
    int length = shared.length();
    if (pendingBytes > 0 && length <= COPIED_BYTES) {
      MemorySegment target = reserve(length, true);
      MemorySegment.copy(shared.memory(), 0, target, reservedOffset, length);
      commit(length);
      return;
    }
    shared.retain();
    Chunk chunk = add(shared.memory());
    chunk.shared = shared;
    chunk.end = length;
    pendingBytes += length;
  }

  /// Offers what is pending to the kernel until it is all taken or the kernel refuses.
  ///
  /// @return 0, or the -errno of the call that did not take it all
  public int flush(Kernel kernel, int fd, IoVector pieces, int flags) {
    while (pendingBytes > 0) {
      int sent = sendOnce(kernel, fd, pieces, flags);
      if (sent >= 0) {
        taken(sent);
      } else if (sent != -Errno.EINTR) {
        if (sent == -Errno.EAGAIN) {
          shrinkLast();
        }
        return sent;
      }
    }
    discard();
    return 0;
  }

  /// One send of what is pending, a single call over as many chunks as one call takes: what send(2)
  /// returned. [#taken] must be told.
  public int sendOnce(Kernel kernel, int fd, IoVector pieces, int flags) {
    Chunk chunk = first;
    if (chunk == null) {
      return 0;
    }
    if (chunk.next == null) {
      return kernel.send(fd, chunk.memory, chunk.start, chunk.used(), flags | Socket.MSG_NOSIGNAL);
    }
    gather(pieces);
    return kernel.sendmsg(fd, pieces, flags | Socket.MSG_NOSIGNAL);
  }

  /// Queues one send of what is pending, of as many chunks as one operation takes. [#taken] must be
  /// told of its result; until then nothing that is pending may be discarded.
  public void queue(Ring ring, int fd, int ringFlags, IoVector pieces, int flags, long tag) {
    Chunk chunk = first;
    if (chunk == null) {
      throw new IllegalStateException("nothing is pending");
    }
    queuedAsMessage = chunk.next != null;
    if (!queuedAsMessage) {
      queuedBytes = chunk.used();
      RingOperations.send(
          ring,
          fd,
          ringFlags,
          chunk.memory,
          chunk.start,
          chunk.used(),
          flags | Socket.MSG_NOSIGNAL,
          tag);
      return;
    }
    queuedBytes = gather(pieces);
    ring.queueSendmsg(fd, ringFlags, pieces, flags | Socket.MSG_NOSIGNAL, tag);
  }

  /// What the last [#queue] has queued.
  public int queuedBytes() {
    return queuedBytes;
  }

  /// By which operation it has queued it.
  public SystemCall queuedOperation() {
    return queuedAsMessage ? SystemCall.IORING_OP_SENDMSG : SystemCall.IORING_OP_SEND;
  }

  private int gather(IoVector pieces) {
    int bytes = 0;
    pieces.clear();
    for (Chunk chunk = first;
        chunk != null && pieces.count() < pieces.capacity();
        chunk = chunk.next) {
      if (chunk.used() > 0) {
        pieces.add(chunk.memory, chunk.start, chunk.used());
        bytes += chunk.used();
      }
    }
    return bytes;
  }

  /// The kernel took `bytes` bytes.
  public void taken(int bytes) {
    pendingBytes -= bytes;
    int left = bytes;
    while (left > 0 && first != null) {
      int part = Math.min(left, first.used());
      first.start += part;
      left -= part;
      if (first.used() == 0 && first.next != null) {
        removeFirst(first);
      }
    }
  }

  /// Appends all that is pending to `other`, of the same pool; nothing is copied. The chunks stay
  /// there, so one that the other has to spare comes back for them.
  public void moveTo(Output other) {
    if (spare == null) {
      spare = other.spare;
      other.spare = null;
    }
    if (pendingBytes == 0) {
      return;
    }
    if (other.last == null) {
      other.first = first;
    } else {
      other.last.next = first;
    }
    other.last = last;
    other.pendingBytes += pendingBytes;
    first = null;
    last = null;
    pendingBytes = 0;
  }

  /// Throws away what is pending and gives all memory back.
  public void discard() {
    while (first != null) {
      removeFirst(first);
    }
    pendingBytes = 0;
  }

  private Chunk add(MemorySegment memory) {
    Chunk chunk = spare != null ? spare : new Chunk();
    spare = null;
    chunk.memory = memory;
    if (last == null) {
      first = chunk;
    } else {
      last.next = chunk;
    }
    last = chunk;
    return chunk;
  }

  private void removeFirst(Chunk chunk) {
    first = chunk.next;
    if (first == null) {
      last = null;
    }
    SharedOutput shared = chunk.shared;
    if (shared == null) {
      pool.giveBack(chunk.memory);
    } else {
      shared.release();
      chunk.shared = null;
    }
    chunk.memory = MemorySegment.NULL;
    chunk.start = 0;
    chunk.end = 0;
    chunk.next = null;
    spare = chunk;
  }

  private void shrinkLast() {
    Chunk chunk = last;
    if (chunk == null) {
      return;
    }
    SharedOutput shared = chunk.shared;
    int used = chunk.used();
    int mostBytes = shared == null ? (int) chunk.memory.byteSize() / 4 : COPIED_BYTES;
    if (used > mostBytes || (shared == null && chunk.memory.byteSize() == SlabPool.LEAST_BYTES)) {
      return;
    }
    MemorySegment smaller = pool.borrowToHold(Math.max(1, used));
    MemorySegment.copy(chunk.memory, chunk.start, smaller, 0, used);
    if (shared == null) {
      pool.giveBack(chunk.memory);
    } else {
      shared.release();
      chunk.shared = null;
    }
    chunk.memory = smaller;
    chunk.start = 0;
    chunk.end = used;
  }
}
