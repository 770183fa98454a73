package dev.pollux.sys;

import java.lang.foreign.MemorySegment;

/// An io_uring(7): operations are queued, one call submits them and waits, and what came of them is
/// read from a queue of completions.
///
/// It is a seam of its own beside [Kernel], because `io_uring_enter` alone would hide the
/// operations from a ledger, a trace, or a kernel that misbehaves on purpose. All of them go
/// through [#queue], and all that comes back through [#next]; the operations by name are in
/// [RingOperations].
///
/// A ring belongs to the thread that opened it. A *tag* of 56 bits, the caller's, comes back with
/// each completion beside the operation's opcode. A buffer handed to a send stays the ring's until
/// its completion, or until [#mayTellOf] says that there will be none; an address, or a vector of
/// pieces, is the caller's again at once.
public interface Ring extends AutoCloseable {

  /// The most that a tag can be.
  long MAX_TAG = (1L << 56) - 1;

  /// What this ring uses of what there is.
  RingFeatures features();

  /// The ring's descriptor.
  int fd();

  /// Queues an operation; if the queue is full, what is in it is submitted first. The parameters
  /// are the members of `struct io_uring_sqe`; `flags` are `IOSQE_` flags.
  ///
  /// @throws IllegalStateException if there is no room and the kernel takes nothing (`EAGAIN`: it
  ///   is out of memory); then nothing is queued, and what waits still waits as it is. So it is
  ///   with [#queueSendmsg] and [#queueConnect]
  void queue(
      int opcode,
      int flags,
      int ioprio,
      int fd,
      long off,
      long addr,
      int len,
      int operationFlags,
      int bufferGroup,
      int fileIndex,
      long addr3,
      long tag);

  /// Queues a sendmsg(2) of all pieces of a vector, which can be changed at once; the pieces
  /// themselves are the ring's until the completion.
  void queueSendmsg(int fd, int flags, IoVector pieces, int messageFlags, long tag);

  /// Queues a connect(2); the address can be changed at once.
  void queueConnect(int fd, int flags, SockAddr remote, long tag);

  /// io_uring_enter(2): submits what is queued, waits until there are `minComplete` completions or
  /// `timeoutNanos` are over (negative: for ever), and lets the kernel do its completion work. What
  /// the kernel has not taken ([#unsubmitted]) waits for the next call; then this one did not wait.
  ///
  /// @return 0 or more, or `-errno`: `EINTR`, `ETIME` when the time was over, or `EAGAIN` and
  ///   `EBUSY` when the kernel takes no more submissions for now
  int enter(int minComplete, long timeoutNanos);

  /// Whether there is a completion that [#next] would take.
  boolean hasNext();

  /// Operations that are queued and that the kernel has not taken yet.
  int unsubmitted();

  /// Whether a completion of one of these operations is there for [#next], or may be among those
  /// that found no place and come with the next [#enter].
  ///
  /// An operation that never waits and is told of only if it fails
  /// ([IoUring#IOSQE_CQE_SKIP_SUCCESS]) has succeeded if it is submitted and this is false.
  boolean mayTellOf(int opcode, int another);

  /// Takes the next completion, which [#opcode], [#tag], [#result] and [#flags] then tell of. False
  /// if there is none.
  boolean next();

  /// The opcode of the operation.
  int opcode();

  /// The tag with which it was queued.
  long tag();

  /// What it returned, or `-errno`.
  int result();

  /// `IORING_CQE_F_` flags.
  int flags();

  /// The memory of all receive buffers.
  MemorySegment receiveMemory();

  /// Where in the receive memory the bytes begin that the present completion brought; -1 if it has
  /// none of that memory.
  int receivedOffset();

  /// Lets the kernel have the receive memory of a completion again; until then nothing else is
  /// received there. Once for each completion that has some, in any order.
  ///
  /// @param receivedOffset the completion's [#receivedOffset]
  void giveBack(int receivedOffset);

  /// Makes room for `slots` files in the ring's own table.
  ///
  /// @return 0 or `-errno`: `EMFILE` beyond `RLIMIT_NOFILE`
  int registerSparseFiles(int slots);

  /// Ends the ring; the kernel cancels what is still under way.
  @Override
  void close();
}
