package dev.pollux.sys;

import java.lang.foreign.MemorySegment;

/// A ring that writes every call of another one into a ledger, and every completion under the name
/// of its operation. It belongs to the owner of the ring; any thread may read the ledger.
public final class CountingRing implements Ring {

  private final Ring ring;
  private final SyscallLedger ledger;

  /// Counts in `ledger`, which no other thread may write.
  public CountingRing(Ring ring, SyscallLedger ledger) {
    this.ring = ring;
    this.ledger = ledger;
  }

  @Override
  public RingFeatures features() {
    return ring.features();
  }

  @Override
  public int fd() {
    return ring.fd();
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
    if ((flags & IoUring.IOSQE_CQE_SKIP_SUCCESS) != 0) {
      // Nothing will be heard of it.
      ledger.count(SystemCall.ofOpcode(opcode), 0);
    }
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
  }

  @Override
  public void queueSendmsg(int fd, int flags, IoVector pieces, int messageFlags, long tag) {
    ring.queueSendmsg(fd, flags, pieces, messageFlags, tag);
  }

  @Override
  public void queueConnect(int fd, int flags, SockAddr remote, long tag) {
    ring.queueConnect(fd, flags, remote, tag);
  }

  @Override
  public int enter(int minComplete, long timeoutNanos) {
    int result = ring.enter(minComplete, timeoutNanos);
    ledger.count(SystemCall.IO_URING_ENTER, result);
    return result;
  }

  @Override
  public boolean hasNext() {
    return ring.hasNext();
  }

  @Override
  public boolean next() {
    if (!ring.next()) {
      return false;
    }
    SystemCall operation = SystemCall.ofOpcode(ring.opcode());
    switch (operation) {
      case IORING_OP_RECV, IORING_OP_SEND, IORING_OP_SENDMSG ->
          ledger.countTransfer(operation, ring.result());
      default -> ledger.count(operation, ring.result());
    }
    return true;
  }

  @Override
  public int opcode() {
    return ring.opcode();
  }

  @Override
  public long tag() {
    return ring.tag();
  }

  @Override
  public int result() {
    return ring.result();
  }

  @Override
  public int flags() {
    return ring.flags();
  }

  @Override
  public MemorySegment receiveMemory() {
    return ring.receiveMemory();
  }

  @Override
  public int receiveBufferBytes() {
    return ring.receiveBufferBytes();
  }

  @Override
  public int receivedOffset() {
    return ring.receivedOffset();
  }

  @Override
  public void giveBack(int receivedOffset) {
    ring.giveBack(receivedOffset);
  }

  @Override
  public int registerSparseFiles(int slots) {
    int result = ring.registerSparseFiles(slots);
    ledger.count(SystemCall.IO_URING_REGISTER, result);
    return result;
  }

  @Override
  public void close() {
    ring.close();
  }
}
