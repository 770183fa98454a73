package dev.pollux.net;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// One TCP connection, as its protocol sees it.
///
/// Unless a method says otherwise it is called by the connection's owner only: the thread that is
/// in one of the connection's callbacks or runs an entry of its [Owner]'s inbox. [#isOwner] tells.
public interface Connection {

  /// The most that [#reserve] gives in one piece, in bytes: 16 KiB with a header, or the largest
  /// record of TLS.
  int MAX_RESERVE_BYTES = 17 * 1024;

  /// The peer's address, or null if it had gone before anybody could ask for it, or (`io_uring`
  /// with direct descriptors) there was no descriptor to ask with. Any thread.
  @Nullable InetSocketAddress remoteAddress();

  /// Who runs its callbacks. Any thread.
  Owner owner();

  /// Whether the calling thread may call the methods of the owner now. Any thread.
  default boolean isOwner() {
    return owner().isCurrent();
  }

  /// Whether the calling thread is in one of this connection's own callbacks, entries or tasks: on
  /// a loop, where many have the same owner, that is more than [#isOwner]. Any thread.
  boolean isInTurn();

  /// Whether its callbacks may block: they run on a thread that serves no other connection.
  default boolean mayBlock() {
    return false;
  }

  /// Whether neither [#close] nor [#abort] was called and the connection has not ended. Any thread.
  boolean isOpen();

  /// Room for `length` more bytes of output, at most [#MAX_RESERVE_BYTES], in one piece: write them
  /// into the returned segment from [#reservedOffset] on, then [#commit] as many as were written.
  /// The segment is the engine's; the reservation ends with the commit, the next call of any output
  /// method, or the callback.
  ///
  /// A reservation alone, even of 0 bytes, brings [Protocol#onFlush] at the end of this batch: so a
  /// protocol asks for that when it gathers output elsewhere.
  MemorySegment reserve(int length);

  /// Where in the segment that [#reserve] returned the reserved room begins.
  int reservedOffset();

  /// Adds `length` bytes of the reserved room to the output. They go to the kernel when the
  /// callbacks of this batch of events are done. On a connection that is not open the bytes are
  /// thrown away.
  void commit(int length);

  /// Adds a copy of `length` bytes of `source` from `offset` to the output, in as many pieces as it
  /// takes.
  default void write(MemorySegment source, long offset, int length) {
    long from = offset;
    int left = length;
    while (left > 0) {
      int piece = Math.min(left, MAX_RESERVE_BYTES);
      MemorySegment.copy(source, from, reserve(piece), reservedOffset(), piece);
      commit(piece);
      from += piece;
      left -= piece;
    }
  }

  /// Adds bytes that other connections send too, without a copy where the model allows that. The
  /// connection holds them until it has sent them or has ended; the caller stays a holder.
  default void append(SharedOutput shared) {
    write(shared.memory(), 0, shared.length());
  }

  /// Bytes of output that the kernel has not taken yet.
  int pendingOutput();

  /// Whether the kernel has output that the peer has not acknowledged, and the peer takes it,
  /// however slowly: it has acknowledged something within the last `millis`, or its window is
  /// closed and it has answered the latest probe of that (tcp(7), `TCP_INFO`). False where nobody
  /// can tell: on `nio`, and on `io_uring` with direct descriptors.
  default boolean isPeerTaking(int millis) {
    return false;
  }

  /// No more [Protocol#onBytes] until [#resumeReading]. The kernel's receive buffer fills, and then
  /// the peer waits.
  void suspendReading();

  /// Undoes [#suspendReading].
  void resumeReading();

  /// Calls [Protocol#onTimer] once after `delayNanos`, at the wheel's resolution (tens of
  /// milliseconds) and never early. One timer per connection: a second call replaces the first.
  void setTimer(long delayNanos);

  /// Takes the timer back.
  void cancelTimer();

  /// Memory for as long as it takes to gather something (a split message); give it back to the same
  /// object.
  BufferPool buffers();

  /// Lets `next` take over: calls its [Protocol#onOpen], then, when `length` is not 0, its
  /// [Protocol#onBytes] with what the protocol that hands over did not consume.
  void handOver(Protocol next, MemorySegment buffer, int offset, int length);

  /// Runs `task` as the owner, soon, in the order of the calls, and never before this returns. Any
  /// thread. A task that was accepted is always run, even if the connection has ended meanwhile; if
  /// it throws, the connection is aborted.
  ///
  /// @return false if the task was not accepted, because as many wait for this connection as may
  ///   ([EngineOptions#mailboxCapacity]), or the engine has ended
  boolean execute(Runnable task);

  /// What [#execute] does, for what is bounded elsewhere: bytes that somebody has accounted for, or
  /// a wish that each connection can have only so many of. It is refused only if the engine has
  /// ended. Any thread.
  boolean enter(Runnable entry);

  /// Sends what is pending, then FIN, waits for the peer's (a bounded time, throwing away what
  /// arrives), and ends.
  void close();

  /// Ends now: output that is pending is lost, and the peer sees a reset.
  void abort();
}
