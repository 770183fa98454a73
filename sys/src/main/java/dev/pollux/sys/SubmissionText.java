package dev.pollux.sys;

import java.lang.foreign.MemorySegment;

/// The members of a `struct io_uring_sqe` for a trace: each operation has its own meaning for them,
/// and those that it has none for are left out.
final class SubmissionText {
  private SubmissionText() {}

  static void members(
      CallText text,
      int opcode,
      int ioprio,
      long off,
      long addr,
      int len,
      int operationFlags,
      int fileIndex,
      long addr3) {
    switch (opcode) {
      case IoUring.IORING_OP_ACCEPT -> {
        text.bits("ioprio", BitNames.ACCEPT_PRIORITY, ioprio);
        text.bits("accept_flags", BitNames.SOCKET_TYPE, operationFlags);
        fileIndex(text, fileIndex);
      }
      case IoUring.IORING_OP_RECV -> {
        text.bits("ioprio", BitNames.TRANSFER_PRIORITY, ioprio).word("len=" + len);
        text.bits("msg_flags", BitNames.MESSAGE, operationFlags);
        if (fileIndex != 0) {
          text.word("optlen=" + fileIndex);
        }
      }
      case IoUring.IORING_OP_SEND -> {
        text.quoted(bytes(addr, len), 0, len).word("len=" + len);
        text.bits("msg_flags", BitNames.MESSAGE, operationFlags);
      }
      case IoUring.IORING_OP_POLL_ADD -> {
        text.bits("len", BitNames.POLL_LENGTH, len);
        text.bits("poll_events", BitNames.POLL, operationFlags);
      }
      case IoUring.IORING_OP_ASYNC_CANCEL -> {
        if (addr != 0) {
          text.word("addr=0x" + Long.toHexString(addr));
        }
        text.bits("cancel_flags", BitNames.CANCEL, operationFlags);
      }
      case IoUring.IORING_OP_SHUTDOWN -> text.word("how=" + ConstantNames.shutdown(len));
      case IoUring.IORING_OP_CLOSE -> {
        if (fileIndex != 0) {
          // One more than the index, because 0 says that it is a descriptor.
          text.word("file_index=" + fileIndex);
        }
      }
      case IoUring.IORING_OP_FILES_UPDATE -> text.word("len=" + len);
      case IoUring.IORING_OP_SOCKET -> {
        text.bits("off", BitNames.SOCKET_TYPE, (int) off);
        fileIndex(text, fileIndex);
      }
      case IoUring.IORING_OP_URING_CMD -> {
        int level = (int) addr;
        int option = (int) (addr >>> 32);
        text.word("cmd_op=SOCKET_URING_OP_SETSOCKOPT");
        text.word("level=" + ConstantNames.protocol(level));
        text.word("optname=" + ConstantNames.option(level, option)).word("optlen=" + fileIndex);
      }
      case IoUring.IORING_OP_MSG_RING -> {
        text.word("addr=IORING_MSG_SEND_FD").word("off=0x" + Long.toHexString(off));
        text.word("addr3=" + addr3);
        fileIndex(text, fileIndex);
      }
      default -> {}
    }
  }

  private static void fileIndex(CallText text, int fileIndex) {
    if (fileIndex == IoUring.IORING_FILE_INDEX_ALLOC) {
      text.word("file_index=IORING_FILE_INDEX_ALLOC");
    }
  }

  // "restricted": the range was checked when the send was queued, and is the ring's until it has
  // completed.
  @SuppressWarnings("restricted")
  private static MemorySegment bytes(long address, int length) {
    return MemorySegment.ofAddress(address).reinterpret(length);
  }
}
