package dev.pollux.sys;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The operations of a [Ring] by name: each queues one, and its completion has the tag given.
///
/// `fd` is a descriptor, or, with [IoUring#IOSQE_FIXED_FILE] in `flags`, an index of the ring's own
/// file table.
public final class RingOperations {

  private RingOperations() {}

  /// accept4(2), a completion for each client until one has no `IORING_CQE_F_MORE`.
  public static void acceptMultishot(Ring ring, int fd, int acceptFlags, long tag) {
    ring.queue(
        IoUring.IORING_OP_ACCEPT,
        0,
        IoUring.IORING_ACCEPT_MULTISHOT,
        fd,
        0,
        0,
        0,
        acceptFlags,
        0,
        0,
        0,
        tag);
  }

  /// The same into the ring's own file table; the result is the index there, or `-ENFILE` if it is
  /// full.
  public static void acceptMultishotDirect(Ring ring, int fd, long tag) {
    ring.queue(
        IoUring.IORING_OP_ACCEPT,
        0,
        IoUring.IORING_ACCEPT_MULTISHOT,
        fd,
        0,
        0,
        0,
        0,
        0,
        IoUring.IORING_FILE_INDEX_ALLOC,
        0,
        tag);
  }

  /// recv(2) into the ring's receive buffers: once, or again and again where the ring can.
  public static void receive(Ring ring, int fd, int flags, boolean multishot, long tag) {
    receive(ring, fd, flags, multishot, 0, 0, tag);
  }

  /// The same, again and again until `mostBytes` have come, and at most `mostAtOnce` of them at a
  /// time; 0 for no limit. [RingFeatures.Feature#LIMITED_RECV] tells whether the ring can.
  public static void receive(
      Ring ring, int fd, int flags, boolean multishot, int mostAtOnce, int mostBytes, long tag) {
    // `optlen` is the member of the union that holds `file_index`.
    ring.queue(
        IoUring.IORING_OP_RECV,
        flags | IoUring.IOSQE_BUFFER_SELECT,
        multishot ? IoUring.IORING_RECV_MULTISHOT : 0,
        fd,
        0,
        0,
        mostAtOnce,
        0,
        0,
        mostBytes,
        0,
        tag);
  }

  /// send(2) of `length` bytes of `buffer` from `offset`. The range stays the ring's until the
  /// completion.
  public static void send(
      Ring ring,
      int fd,
      int flags,
      MemorySegment buffer,
      long offset,
      int length,
      int messageFlags,
      long tag) {
    Objects.checkFromIndexSize(offset, length, buffer.byteSize());
    if (!buffer.isNative()) {
      throw new IllegalArgumentException("the kernel cannot read a buffer on the Java heap");
    }
    ring.queue(
        IoUring.IORING_OP_SEND,
        flags,
        0,
        fd,
        0,
        buffer.address() + offset,
        length,
        messageFlags,
        0,
        0,
        0,
        tag);
  }

  /// Waits for `events` of poll(2); errors and hang-ups are always told.
  public static void poll(Ring ring, int fd, int flags, int events, boolean multishot, long tag) {
    ring.queue(
        IoUring.IORING_OP_POLL_ADD,
        flags,
        0,
        fd,
        0,
        0,
        multishot ? IoUring.IORING_POLL_ADD_MULTI : 0,
        events,
        0,
        0,
        0,
        tag);
  }

  /// Cancels every operation on a descriptor; each completes, most with `-ECANCELED`. The result is
  /// how many there were, or `-ENOENT`.
  public static void cancelAll(Ring ring, int fd, boolean direct, long tag) {
    ring.queue(
        IoUring.IORING_OP_ASYNC_CANCEL,
        0,
        0,
        fd,
        0,
        0,
        0,
        IoUring.IORING_ASYNC_CANCEL_FD
            | IoUring.IORING_ASYNC_CANCEL_ALL
            | (direct ? IoUring.IORING_ASYNC_CANCEL_FD_FIXED : 0),
        0,
        0,
        0,
        tag);
  }

  /// Cancels the operation of that opcode and tag.
  public static void cancel(Ring ring, int opcode, long target, long tag) {
    ring.queue(
        IoUring.IORING_OP_ASYNC_CANCEL, 0, 0, -1, 0, userData(opcode, target), 0, 0, 0, 0, 0, tag);
  }

  /// shutdown(2). The kernel has it done by a thread of its own.
  public static void shutdown(Ring ring, int fd, int flags, int how, long tag) {
    ring.queue(IoUring.IORING_OP_SHUTDOWN, flags, 0, fd, 0, 0, how, 0, 0, 0, 0, tag);
  }

  /// close(2) of a descriptor; there is no completion unless it fails.
  public static void close(Ring ring, int fd, long tag) {
    ring.queue(
        IoUring.IORING_OP_CLOSE, IoUring.IOSQE_CQE_SKIP_SUCCESS, 0, fd, 0, 0, 0, 0, 0, 0, 0, tag);
  }

  /// Takes a file out of the ring's own table; there is no completion unless it fails.
  public static void closeDirect(Ring ring, int index, long tag) {
    ring.queue(
        IoUring.IORING_OP_CLOSE,
        IoUring.IOSQE_CQE_SKIP_SUCCESS,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        index + 1,
        0,
        tag);
  }

  /// Puts the descriptor that stands in `descriptor`, an int, into the ring's own file table too,
  /// and writes the index there over it; the result is 1. The int is the ring's until the
  /// completion; the descriptor stays open.
  public static void moveFd(Ring ring, MemorySegment descriptor, long tag) {
    ring.queue(
        IoUring.IORING_OP_FILES_UPDATE,
        0,
        0,
        -1,
        IoUring.IORING_FILE_INDEX_ALLOC & 0xffff_ffffL,
        descriptor.address(),
        1,
        0,
        0,
        0,
        0,
        tag);
  }

  /// socket(2) into the ring's own file table: the result is the index there.
  public static void socketDirect(Ring ring, int domain, int type, long tag) {
    ring.queue(
        IoUring.IORING_OP_SOCKET,
        0,
        0,
        domain,
        type,
        0,
        0,
        0,
        0,
        IoUring.IORING_FILE_INDEX_ALLOC,
        0,
        tag);
  }

  /// setsockopt(2) of a file of the ring's own table; `value` must live until the completion.
  public static void setsockoptDirect(
      Ring ring, int index, int flags, int level, int option, MemorySegment value, long tag) {
    // The members of the union that holds `addr` are level and optname, that of `file_index` is
    // optlen, that of `addr3` is optval.
    ring.queue(
        IoUring.IORING_OP_URING_CMD,
        flags | IoUring.IOSQE_FIXED_FILE,
        0,
        index,
        IoUring.SOCKET_URING_OP_SETSOCKOPT,
        (long) option << 32 | level,
        0,
        0,
        0,
        Math.toIntExact(value.byteSize()),
        value.address(),
        tag);
  }

  /// Gives a file of the ring's own table a descriptor of the process too, which is the result.
  public static void installFd(Ring ring, int index, long tag) {
    ring.queue(
        IoUring.IORING_OP_FIXED_FD_INSTALL,
        IoUring.IOSQE_FIXED_FILE,
        0,
        index,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        tag);
  }

  /// Puts a file of the ring's own table into the table of another ring too, which has a completion
  /// with `NOP` and `targetTag` whose result is the index there. Here the result is 0 or more, or
  /// `-ENFILE` if that table is full.
  public static void sendFile(Ring ring, int ringFd, int index, long targetTag, long tag) {
    ring.queue(
        IoUring.IORING_OP_MSG_RING,
        0,
        0,
        ringFd,
        userData(IoUring.IORING_OP_NOP, targetTag),
        IoUring.IORING_MSG_SEND_FD,
        0,
        0,
        0,
        IoUring.IORING_FILE_INDEX_ALLOC,
        index,
        tag);
  }

  /// Nothing: it completes with 0.
  public static void nop(Ring ring, long tag) {
    ring.queue(IoUring.IORING_OP_NOP, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, tag);
  }

  /// The user data of a submission: the opcode above the tag.
  static long userData(int opcode, long tag) {
    return (long) opcode << 56 | tag;
  }
}
