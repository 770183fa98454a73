package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// The constants and structs of io_uring(7), `<linux/io_uring.h>`. They are the same on every
/// architecture.
public final class IoUring {

  // Opcodes of submissions.

  public static final int IORING_OP_NOP = 0;
  public static final int IORING_OP_POLL_ADD = 6;
  public static final int IORING_OP_SENDMSG = 9;
  public static final int IORING_OP_ACCEPT = 13;
  public static final int IORING_OP_ASYNC_CANCEL = 14;
  public static final int IORING_OP_CONNECT = 16;
  public static final int IORING_OP_CLOSE = 19;
  public static final int IORING_OP_FILES_UPDATE = 20;
  public static final int IORING_OP_SEND = 26;
  public static final int IORING_OP_RECV = 27;
  public static final int IORING_OP_SHUTDOWN = 34;
  public static final int IORING_OP_MSG_RING = 40;
  public static final int IORING_OP_SOCKET = 45;
  public static final int IORING_OP_URING_CMD = 46;

  /// Gives a file of the ring's own table a descriptor of the process too (Linux 6.8).
  public static final int IORING_OP_FIXED_FD_INSTALL = 54;

  // Flags of every submission.

  /// `fd` is an index of the ring's own file table.
  public static final int IOSQE_FIXED_FILE = 1;

  /// The next submission begins when this one has succeeded.
  public static final int IOSQE_IO_LINK = 1 << 2;

  /// The kernel takes a buffer of a group when it has something to put there.
  public static final int IOSQE_BUFFER_SELECT = 1 << 5;

  /// No completion if it succeeds.
  public static final int IOSQE_CQE_SKIP_SUCCESS = 1 << 6;

  // Flags of single operations.

  /// One submission, a completion for each client.
  public static final int IORING_ACCEPT_MULTISHOT = 1;

  /// One submission, a completion for each receive.
  public static final int IORING_RECV_MULTISHOT = 1 << 1;

  /// Wait for readiness first: the attempt at once would be in vain.
  public static final int IORING_RECVSEND_POLL_FIRST = 1;

  /// One submission, a completion for each event.
  public static final int IORING_POLL_ADD_MULTI = 1;

  /// Cancel all that match, not the first one only.
  public static final int IORING_ASYNC_CANCEL_ALL = 1;

  /// Match the descriptor, not the user data.
  public static final int IORING_ASYNC_CANCEL_FD = 1 << 1;

  /// The descriptor is an index of the ring's own file table.
  public static final int IORING_ASYNC_CANCEL_FD_FIXED = 1 << 3;

  /// `MSG_RING`: hand a file of this ring's table over to another ring's.
  public static final int IORING_MSG_SEND_FD = 1;

  /// `URING_CMD` on a socket: setsockopt(2) (Linux 6.7).
  public static final int SOCKET_URING_OP_SETSOCKOPT = 3;

  /// Let the kernel choose the index in the ring's file table; it is the result.
  public static final int IORING_FILE_INDEX_ALLOC = -1;

  // Flags of completions.

  /// The upper half of the flags is the number of the buffer that was taken.
  public static final int IORING_CQE_F_BUFFER = 1;

  /// More completions of this submission follow.
  public static final int IORING_CQE_F_MORE = 1 << 1;

  /// The socket had more to receive.
  public static final int IORING_CQE_F_SOCK_NONEMPTY = 1 << 2;

  /// The kernel goes on filling the buffer that was taken (Linux 6.12).
  public static final int IORING_CQE_F_BUF_MORE = 1 << 4;

  /// Where the number of the buffer begins.
  public static final int IORING_CQE_BUFFER_SHIFT = 16;

  // io_uring_setup(2)

  /// The size of the completion queue is given.
  public static final int IORING_SETUP_CQSIZE = 1 << 3;

  /// A size beyond the kernel's limit is lowered to it, not refused.
  public static final int IORING_SETUP_CLAMP = 1 << 4;

  /// One bad submission does not stop those behind it (Linux 5.18).
  public static final int IORING_SETUP_SUBMIT_ALL = 1 << 7;

  /// Completion work does not interrupt the thread (Linux 5.19).
  public static final int IORING_SETUP_COOP_TASKRUN = 1 << 8;

  /// Only one thread submits (Linux 6.0).
  public static final int IORING_SETUP_SINGLE_ISSUER = 1 << 12;

  /// Completion work is done when the thread asks for completions, and at no other time (Linux
  /// 6.1).
  public static final int IORING_SETUP_DEFER_TASKRUN = 1 << 13;

  /// Submissions are taken in the order of their places; no array of indices (Linux 6.6).
  public static final int IORING_SETUP_NO_SQARRAY = 1 << 16;

  // What a ring can, told by io_uring_setup(2).

  /// Both queues are in one mapping.
  public static final int IORING_FEAT_SINGLE_MMAP = 1;

  /// A completion that finds the queue full is kept, not dropped.
  public static final int IORING_FEAT_NODROP = 1 << 1;

  /// What a submission points to is needed until it is submitted only (but for the data itself).
  public static final int IORING_FEAT_SUBMIT_STABLE = 1 << 2;

  /// Sockets are waited for without a thread.
  public static final int IORING_FEAT_FAST_POLL = 1 << 5;

  /// io_uring_enter(2) takes a timeout.
  public static final int IORING_FEAT_EXT_ARG = 1 << 8;

  /// `IOSQE_CQE_SKIP_SUCCESS` is known.
  public static final int IORING_FEAT_CQE_SKIP = 1 << 11;

  // Offsets for mmap(2).

  public static final long IORING_OFF_SQ_RING = 0;
  public static final long IORING_OFF_SQES = 0x10000000L;

  // Flags in the submission queue.

  /// Completions wait beyond the queue's end for io_uring_enter(2) to fetch them.
  public static final int IORING_SQ_CQ_OVERFLOW = 1 << 1;

  // io_uring_enter(2)

  /// Wait for completions, or only have completion work done.
  public static final int IORING_ENTER_GETEVENTS = 1;

  /// The last argument is a struct with a timeout.
  public static final int IORING_ENTER_EXT_ARG = 1 << 3;

  // io_uring_register(2)

  public static final int IORING_REGISTER_PROBE = 8;

  /// A file table, maybe empty.
  public static final int IORING_REGISTER_FILES2 = 13;

  /// A ring of buffers that the kernel takes from (Linux 5.19).
  public static final int IORING_REGISTER_PBUF_RING = 22;

  /// A receive takes only as much of a buffer as it fills (Linux 6.12).
  public static final int IOU_PBUF_RING_INC = 1 << 1;

  /// The file table begins with no file in it.
  public static final int IORING_RSRC_REGISTER_SPARSE = 1;

  /// An opcode of the probe is known.
  public static final int IO_URING_OP_SUPPORTED = 1;

  /// `struct io_uring_sqe`, with one name for each union.
  public static final StructLayout SQE =
      MemoryLayout.structLayout(
          JAVA_BYTE.withName("opcode"),
          JAVA_BYTE.withName("flags"),
          JAVA_SHORT.withName("ioprio"),
          JAVA_INT.withName("fd"),
          JAVA_LONG.withName("off"),
          JAVA_LONG.withName("addr"),
          JAVA_INT.withName("len"),
          JAVA_INT.withName("msg_flags"),
          JAVA_LONG.withName("user_data"),
          JAVA_SHORT.withName("buf_group"),
          JAVA_SHORT.withName("personality"),
          JAVA_INT.withName("file_index"),
          JAVA_LONG.withName("addr3"),
          MemoryLayout.paddingLayout(8));

  /// `struct io_uring_cqe`.
  public static final StructLayout CQE =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("user_data"), JAVA_INT.withName("res"), JAVA_INT.withName("flags"));

  /// `struct io_sqring_offsets`.
  public static final StructLayout SQ_OFFSETS =
      MemoryLayout.structLayout(
          JAVA_INT.withName("head"),
          JAVA_INT.withName("tail"),
          JAVA_INT.withName("ring_mask"),
          JAVA_INT.withName("ring_entries"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("dropped"),
          JAVA_INT.withName("array"),
          MemoryLayout.paddingLayout(12));

  /// `struct io_cqring_offsets`.
  public static final StructLayout CQ_OFFSETS =
      MemoryLayout.structLayout(
          JAVA_INT.withName("head"),
          JAVA_INT.withName("tail"),
          JAVA_INT.withName("ring_mask"),
          JAVA_INT.withName("ring_entries"),
          JAVA_INT.withName("overflow"),
          JAVA_INT.withName("cqes"),
          JAVA_INT.withName("flags"),
          MemoryLayout.paddingLayout(12));

  /// `struct io_uring_params`.
  public static final StructLayout PARAMS =
      MemoryLayout.structLayout(
          JAVA_INT.withName("sq_entries"),
          JAVA_INT.withName("cq_entries"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("sq_thread_cpu"),
          JAVA_INT.withName("sq_thread_idle"),
          JAVA_INT.withName("features"),
          JAVA_INT.withName("wq_fd"),
          MemoryLayout.paddingLayout(12),
          SQ_OFFSETS.withName("sq_off"),
          CQ_OFFSETS.withName("cq_off"));

  /// `struct io_uring_getevents_arg`.
  public static final StructLayout GETEVENTS_ARG =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("sigmask"),
          JAVA_INT.withName("sigmask_sz"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("ts"));

  /// `struct __kernel_timespec`.
  public static final StructLayout TIMESPEC =
      MemoryLayout.structLayout(JAVA_LONG.withName("tv_sec"), JAVA_LONG.withName("tv_nsec"));

  /// `struct io_uring_buf`, an entry of a buffer ring.
  public static final StructLayout BUF =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("addr"),
          JAVA_INT.withName("len"),
          JAVA_SHORT.withName("bid"),
          JAVA_SHORT.withName("resv"));

  /// `struct io_uring_buf_reg`.
  public static final StructLayout BUF_REG =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("ring_addr"),
          JAVA_INT.withName("ring_entries"),
          JAVA_SHORT.withName("bgid"),
          JAVA_SHORT.withName("flags"),
          MemoryLayout.paddingLayout(24));

  /// `struct io_uring_rsrc_register`.
  public static final StructLayout RSRC_REGISTER =
      MemoryLayout.structLayout(
          JAVA_INT.withName("nr"),
          JAVA_INT.withName("flags"),
          JAVA_LONG.withName("resv2"),
          JAVA_LONG.withName("data"),
          JAVA_LONG.withName("tags"));

  /// `struct io_uring_probe`, without the entries that follow it.
  public static final StructLayout PROBE =
      MemoryLayout.structLayout(
          JAVA_BYTE.withName("last_op"),
          JAVA_BYTE.withName("ops_len"),
          MemoryLayout.paddingLayout(14));

  /// `struct io_uring_probe_op`.
  public static final StructLayout PROBE_OP =
      MemoryLayout.structLayout(
          JAVA_BYTE.withName("op"),
          JAVA_BYTE.withName("resv"),
          JAVA_SHORT.withName("flags"),
          MemoryLayout.paddingLayout(4));

  private IoUring() {}
}
