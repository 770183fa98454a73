package dev.pollux.sys;

/// A ring that writes every call of another one into a ledger, and every completion under the name
/// of its operation. A send that is told of only if it fails is counted by whoever queued it, who
/// knows when it has succeeded, and what it took. It belongs to the owner of the ring; any thread
/// may read the ledger.
public final class CountingRing extends PassingRing {

  private final SyscallLedger ledger;

  /// Counts in `ledger`, which no other thread may write.
  public CountingRing(Ring ring, SyscallLedger ledger) {
    super(ring);
    this.ledger = ledger;
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
    if ((flags & IoUring.IOSQE_CQE_SKIP_SUCCESS) != 0 && opcode != IoUring.IORING_OP_SEND) {
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
  public int enter(int minComplete, long timeoutNanos) {
    // Before it is made: what it submits is noticed by others while it waits.
    ledger.countBegin(SystemCall.IO_URING_ENTER);
    int result = ring.enter(minComplete, timeoutNanos);
    ledger.countOutcome(SystemCall.IO_URING_ENTER, result);
    return result;
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
  public int registerSparseFiles(int slots) {
    int result = ring.registerSparseFiles(slots);
    ledger.count(SystemCall.IO_URING_REGISTER, result);
    return result;
  }
}
