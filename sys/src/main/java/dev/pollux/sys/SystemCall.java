package dev.pollux.sys;

import java.util.Locale;

/// The calls of [Kernel] and of [Ring], for counters and traces; and the operations that a ring has
/// completed, which are no system calls: that they are none is what a ring is for.
public enum SystemCall {
  SOCKET,
  BIND,
  LISTEN,
  ACCEPT4,
  CONNECT,
  GETSOCKNAME,
  GETPEERNAME,
  RECV,
  SEND,
  SENDMSG,
  READ,
  WRITE,
  WRITEV,
  SHUTDOWN,
  CLOSE,
  FCNTL,
  SETSOCKOPT,
  GETSOCKOPT,
  SELECT,
  POLL,
  EPOLL_CREATE1,
  EPOLL_CTL,
  EPOLL_WAIT,
  EVENTFD,
  PIPE2,
  GETRLIMIT,
  IO_URING_SETUP,
  IO_URING_ENTER,
  IO_URING_REGISTER,
  IORING_OP_ACCEPT(IoUring.IORING_OP_ACCEPT),
  IORING_OP_RECV(IoUring.IORING_OP_RECV),
  IORING_OP_SEND(IoUring.IORING_OP_SEND),
  IORING_OP_SENDMSG(IoUring.IORING_OP_SENDMSG),
  IORING_OP_CONNECT(IoUring.IORING_OP_CONNECT),
  IORING_OP_POLL_ADD(IoUring.IORING_OP_POLL_ADD),
  IORING_OP_ASYNC_CANCEL(IoUring.IORING_OP_ASYNC_CANCEL),
  IORING_OP_SHUTDOWN(IoUring.IORING_OP_SHUTDOWN),
  IORING_OP_CLOSE(IoUring.IORING_OP_CLOSE),
  IORING_OP_FILES_UPDATE(IoUring.IORING_OP_FILES_UPDATE),
  IORING_OP_SOCKET(IoUring.IORING_OP_SOCKET),
  IORING_OP_URING_CMD(IoUring.IORING_OP_URING_CMD),
  IORING_OP_MSG_RING(IoUring.IORING_OP_MSG_RING),
  IORING_OP_FIXED_FD_INSTALL(IoUring.IORING_OP_FIXED_FD_INSTALL),
  IORING_OP_NOP(IoUring.IORING_OP_NOP);

  private static final SystemCall[] OF_OPCODE = new SystemCall[256];

  static {
    for (SystemCall call : values()) {
      if (call.opcode >= 0) {
        OF_OPCODE[call.opcode] = call;
      }
    }
  }

  private final int opcode;
  private final String callName;

  SystemCall() {
    this.opcode = -1;
    this.callName = name().toLowerCase(Locale.ROOT);
  }

  SystemCall(int opcode) {
    this.opcode = opcode;
    this.callName = name();
  }

  /// The name of the call's man page, `epoll_wait`, or of the operation, `IORING_OP_RECV`.
  public String callName() {
    return callName;
  }

  /// Whether it is an operation of a ring, not a call.
  public boolean isOperation() {
    return opcode >= 0;
  }

  /// The operation of that opcode of io_uring; one that no [Ring] is asked for counts as
  /// [#IORING_OP_NOP].
  public static SystemCall ofOpcode(int opcode) {
    SystemCall call = OF_OPCODE[opcode & 0xff];
    return call == null ? IORING_OP_NOP : call;
  }

  @Override
  public String toString() {
    return callName;
  }
}
