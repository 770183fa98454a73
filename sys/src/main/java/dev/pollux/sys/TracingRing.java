package dev.pollux.sys;

/// A ring that writes a line for every submission, every call and every completion of another one:
///
/// ```
/// sqe {IORING_OP_RECV, flags=IOSQE_BUFFER_SELECT, ioprio=IORING_RECV_MULTISHOT, fd=9, user_data=0x1b00000100000009}
/// io_uring_enter(6, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) = 1
/// cqe {IORING_OP_RECV, user_data=0x1b00000100000009, res=5, flags=IORING_CQE_F_BUFFER|IORING_CQE_F_MORE, buffer=0, "hello"}
/// ```
///
/// A submission and a completion are no system calls: that is what a ring is for. It belongs to the
/// owner of the ring. Where nobody traces there is no such ring.
public final class TracingRing extends PassingRing {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final TraceSink sink;
  private final CallText text = new CallText();

  /// Submissions since the last call; a full queue is submitted without being told here.
  private int queued;

  /// Tells `sink` of `ring`, first that it was set up.
  public TracingRing(Ring ring, TraceSink sink) {
    super(ring);
    this.sink = sink;
    if (sink.wants(SystemCall.IO_URING_SETUP)) {
      RingFeatures features = ring.features();
      text.begin(SystemCall.IO_URING_SETUP.callName()).number(features.submissions());
      text.word("{cq_entries=" + features.completions() + ", uses " + features.names() + "}");
      sink.line(text.end(ring.fd()));
    }
  }

  @Override
  public void queue(
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
      long tag) {
    ring.queue(
        opcode,
        flags,
        ioprio,
        fd,
        off,
        addr,
        len,
        operationFlags,
        bufferGroup,
        fileIndex,
        addr3,
        tag);
    countQueued();
    if (sink.wants(SystemCall.ofOpcode(opcode))) {
      submission(opcode, flags, fd);
      SubmissionText.members(
          text, opcode, ioprio, off, addr, len, operationFlags, fileIndex, addr3);
      sink.line(text.word(userData(opcode, tag)).endStruct());
    }
  }

  @Override
  public void queueSendmsg(int fd, int flags, IoVector pieces, int messageFlags, long tag) {
    ring.queueSendmsg(fd, flags, pieces, messageFlags, tag);
    countQueued();
    if (sink.wants(SystemCall.IORING_OP_SENDMSG)) {
      submission(IoUring.IORING_OP_SENDMSG, flags, fd).message(pieces);
      text.bits("msg_flags", BitNames.MESSAGE, messageFlags);
      sink.line(text.word(userData(IoUring.IORING_OP_SENDMSG, tag)).endStruct());
    }
  }

  @Override
  public void queueConnect(int fd, int flags, SockAddr remote, long tag) {
    ring.queueConnect(fd, flags, remote, tag);
    countQueued();
    if (sink.wants(SystemCall.IORING_OP_CONNECT)) {
      submission(IoUring.IORING_OP_CONNECT, flags, fd).address(remote, true);
      sink.line(text.word(userData(IoUring.IORING_OP_CONNECT, tag)).endStruct());
    }
  }

  private void countQueued() {
    queued = queued == ring.features().submissions() ? 1 : queued + 1;
  }

  private CallText submission(int opcode, int flags, int fd) {
    return text.beginStruct("sqe")
        .word(SystemCall.ofOpcode(opcode).callName())
        .bits("flags", BitNames.SQE, flags)
        .word("fd=" + fd);
  }

  private static String userData(int opcode, long tag) {
    return "user_data=0x" + Long.toHexString(RingOperations.userData(opcode, tag));
  }

  @Override
  public int enter(int minComplete, long timeoutNanos) {
    int result = ring.enter(minComplete, timeoutNanos);
    int submitted = queued;
    if (result >= 0 || result == -Errno.ETIME) {
      queued = 0;
    }
    if (!sink.wants(SystemCall.IO_URING_ENTER)) {
      return result;
    }
    boolean timed = minComplete > 0 && timeoutNanos >= 0;
    text.begin(SystemCall.IO_URING_ENTER.callName())
        .number(ring.fd())
        .number(submitted)
        .number(minComplete)
        .bits(
            BitNames.ENTER,
            IoUring.IORING_ENTER_GETEVENTS | (timed ? IoUring.IORING_ENTER_EXT_ARG : 0))
        .word(
            timed
                ? "{ts={tv_sec="
                    + timeoutNanos / NANOS_PER_SECOND
                    + ", tv_nsec="
                    + timeoutNanos % NANOS_PER_SECOND
                    + "}}"
                : "NULL")
        .number(timed ? IoUring.GETEVENTS_ARG.byteSize() : 0);
    sink.line(text.end(result));
    return result;
  }

  @Override
  public boolean next() {
    if (!ring.next()) {
      return false;
    }
    SystemCall operation = SystemCall.ofOpcode(ring.opcode());
    if (sink.wants(operation)) {
      completion(operation, ring.result(), ring.flags());
    }
    return true;
  }

  private void completion(SystemCall operation, int result, int flags) {
    text.beginStruct("cqe")
        .word(operation.callName())
        .word(userData(ring.opcode(), ring.tag()))
        .word("res=" + (result < 0 ? "-" + Errno.name(-result) : Integer.toString(result)))
        .bits("flags", BitNames.CQE, flags & (1 << IoUring.IORING_CQE_BUFFER_SHIFT) - 1);
    int offset = ring.receivedOffset();
    if (offset >= 0) {
      text.word("buffer=" + (flags >>> IoUring.IORING_CQE_BUFFER_SHIFT));
      text.quoted(ring.receiveMemory(), offset, Math.max(0, result));
    }
    sink.line(text.endStruct());
  }

  @Override
  public int registerSparseFiles(int slots) {
    int result = ring.registerSparseFiles(slots);
    if (sink.wants(SystemCall.IO_URING_REGISTER)) {
      text.begin(SystemCall.IO_URING_REGISTER.callName())
          .number(ring.fd())
          .word("IORING_REGISTER_FILES2")
          .word("{nr=" + slots + ", flags=IORING_RSRC_REGISTER_SPARSE}")
          .number(IoUring.RSRC_REGISTER.byteSize());
      sink.line(text.end(result));
    }
    return result;
  }

  @Override
  public void close() {
    int fd = ring.fd();
    ring.close();
    if (sink.wants(SystemCall.CLOSE)) {
      sink.line(text.begin(SystemCall.CLOSE.callName()).number(fd).end(0));
    }
  }
}
