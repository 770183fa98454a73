package dev.pollux.sys;

import java.lang.foreign.MemorySegment;

/// A ring around another one that passes every call on: what stands around a ring for a reason
/// (counting, tracing, faults) overrides the calls that the reason is about. It belongs to the
/// owner of the ring.
public class PassingRing implements Ring {
  protected final Ring ring;

  protected PassingRing(Ring ring) {
    this.ring = ring;
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
    return ring.enter(minComplete, timeoutNanos);
  }

  @Override
  public boolean hasNext() {
    return ring.hasNext();
  }

  @Override
  public int unsubmitted() {
    return ring.unsubmitted();
  }

  @Override
  public boolean mayTellOf(int opcode, int another) {
    return ring.mayTellOf(opcode, another);
  }

  @Override
  public boolean next() {
    return ring.next();
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
  public int receivedOffset() {
    return ring.receivedOffset();
  }

  @Override
  public void giveBack(int receivedOffset) {
    ring.giveBack(receivedOffset);
  }

  @Override
  public int registerSparseFiles(int slots) {
    return ring.registerSparseFiles(slots);
  }

  @Override
  public void close() {
    ring.close();
  }
}
