package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/// An io_uring of the kernel of this machine.
///
/// Both queues are memory shared with the kernel: we write the tail of submissions and the head of
/// completions, the kernel the other two; each side publishes with a release what the other reads
/// with an acquire.
///
/// The memory comes from the arena given, and the instance ends with it: [#close] it first.
public final class LinuxRing implements Ring {

  private static final VarHandle INT = JAVA_INT.varHandle();
  private static final long SQE_BYTES = IoUring.SQE.byteSize();
  private static final long CQE_BYTES = IoUring.CQE.byteSize();
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final int TIMESPEC_AT = (int) IoUring.GETEVENTS_ARG.byteSize();

  private final MemorySegment errno;
  private final int fd;
  private final RingFeatures features;
  private final RingBuffers buffers;
  private final RingStaging staging;

  // The queues.
  private final MemorySegment sqes;
  private final MemorySegment rings;
  private final long sqHeadAt;
  private final long sqTailAt;
  private final long sqFlagsAt;
  private final long cqHeadAt;
  private final long cqTailAt;
  private final long cqesAt;
  private final int sqMask;
  private final int cqMask;
  private final @Nullable MemorySegment indices;

  /// The next place for a submission, and the next completion.
  private int sqTail;

  private int cqHead;
  private long currentCqe;

  /// Of the present completion.
  private int receivedOffset;

  private boolean closed;

  /// The argument of io_uring_enter(2), followed by the timespec that it points to.
  private final MemorySegment waitArgument;

  /// Sets a ring up with the best of what is allowed and known to the kernel.
  ///
  /// @throws IOException one sentence that says what is missing
  public static LinuxRing open(Arena arena, RingSetup setup) throws IOException {
    return new LinuxRing(arena, setup);
  }

  private LinuxRing(Arena arena, RingSetup setup) throws IOException {
    errno = arena.allocate(CLibrary.CAPTURED);
    RingOpening opening = new RingOpening(errno, arena, setup);
    MemorySegment params = opening.params();
    fd = opening.fd();
    EnumSet<RingFeatures.Feature> used = opening.features();
    try {
      buffers = new RingBuffers(errno, fd, arena, setup);
      rings = opening.map(IoUring.IORING_OFF_SQ_RING, opening.ringBytes());
      sqes = opening.map(IoUring.IORING_OFF_SQES, opening.submissions() * SQE_BYTES);
    } catch (IOException | RuntimeException e) {
      CLibrary.close(errno, fd);
      throw e;
    }
    sqHeadAt = opening.sqOffset("head");
    sqTailAt = opening.sqOffset("tail");
    sqFlagsAt = opening.sqOffset("flags");
    cqHeadAt = opening.cqOffset("head");
    cqTailAt = opening.cqOffset("tail");
    cqesAt = opening.cqOffset("cqes");
    sqMask = opening.submissions() - 1;
    cqMask = opening.completions() - 1;
    indices =
        used.contains(RingFeatures.Feature.NO_SQARRAY)
            ? null
            : rings.asSlice(opening.sqOffset("array"), opening.submissions() * 4L);
    if (indices != null) {
      // Always the same: the place is the index.
      for (int i = 0; i <= sqMask; i++) {
        indices.setAtIndex(JAVA_INT, i, i);
      }
    }
    staging = new RingStaging(arena, Math.min(64, sqMask + 1));
    waitArgument = arena.allocate(TIMESPEC_AT + IoUring.TIMESPEC.byteSize(), 8);
    waitArgument.set(JAVA_LONG, 16, waitArgument.address() + TIMESPEC_AT);
    if (params.byteSize() != IoUring.PARAMS.byteSize()) {
      throw new AssertionError("struct io_uring_params");
    }
    if (setup.allowed().contains(RingFeatures.Feature.LIMITED_RECV)
        && used.contains(RingFeatures.Feature.MULTISHOT_RECV)
        && knowsLimitedReceive()) {
      used.add(RingFeatures.Feature.LIMITED_RECV);
    }
    if (buffers.incremental()) {
      used.add(RingFeatures.Feature.INCREMENTAL_BUFFERS);
    }
    features = new RingFeatures(used, opening.submissions(), opening.completions());
  }

  /// There is no other question to ask for it than to try, on what is no descriptor: a kernel that
  /// does not know the member refuses it before it looks at the descriptor.
  private boolean knowsLimitedReceive() {
    RingOperations.receive(this, -1, 0, true, 1, 1, 0);
    // Some kernels say the error of the submission itself, and complete nothing.
    enter(0, 0);
    boolean known = false;
    while (next()) {
      known = result() == -Errno.EBADF;
    }
    return known;
  }

  /// One sentence for a person who wonders why there is no io_uring here, or null if there is.
  /// Callable on any machine.
  public static @Nullable String whyUnavailable() {
    String why = LinuxKernel.whyUnavailable();
    if (why != null) {
      return why;
    }
    try (Arena arena = Arena.ofConfined();
        LinuxRing ring = open(arena, RingSetup.DEFAULT.withPlaces(8, 16))) {
      return ring.fd() < 0 ? "no descriptor" : null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @Override
  public RingFeatures features() {
    return features;
  }

  @Override
  public int fd() {
    return fd;
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
    if (isFull()) {
      makeRoom(false);
    }
    long at = (sqTail & sqMask) * SQE_BYTES;
    writeSqe(
        sqes,
        at,
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
    sqTail++;
    INT.setRelease(rings, sqTailAt, sqTail);
  }

  /// Writes a `struct io_uring_sqe`, eight bytes at a time: little-endian, as all machines are that
  /// [Availability] lets through.
  static void writeSqe(
      MemorySegment memory,
      long at,
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
    memory.set(
        JAVA_LONG,
        at,
        (opcode & 0xffL) | (flags & 0xffL) << 8 | (ioprio & 0xffffL) << 16 | (long) fd << 32);
    memory.set(JAVA_LONG, at + 8, off);
    memory.set(JAVA_LONG, at + 16, addr);
    memory.set(JAVA_LONG, at + 24, (len & 0xffff_ffffL) | (long) operationFlags << 32);
    memory.set(JAVA_LONG, at + 32, RingOperations.userData(opcode, tag));
    memory.set(JAVA_LONG, at + 40, (bufferGroup & 0xffffL) | (long) fileIndex << 32);
    memory.set(JAVA_LONG, at + 48, addr3);
    memory.set(JAVA_LONG, at + 56, 0);
  }

  @Override
  public void queueSendmsg(int fd, int flags, IoVector pieces, int messageFlags, long tag) {
    pieces.requireAlive();
    if (isFull() || staging.isFull()) {
      makeRoom(true);
    }
    long message = staging.message(pieces, sqTail);
    queue(IoUring.IORING_OP_SENDMSG, flags, 0, fd, 0, message, 1, messageFlags, 0, 0, 0, tag);
  }

  @Override
  public void queueConnect(int fd, int flags, SockAddr remote, long tag) {
    if (isFull() || staging.isFull()) {
      makeRoom(true);
    }
    long address = staging.address(remote, sqTail);
    // The length of the address is in `off`.
    queue(IoUring.IORING_OP_CONNECT, flags, 0, fd, remote.length(), address, 0, 0, 0, 0, 0, tag);
  }

  private boolean isFull() {
    return unsubmitted() > sqMask;
  }

  /// @param staged whether a place of the staging is needed too
  private void makeRoom(boolean staged) {
    int result = submit(0, 0, MemorySegment.NULL, 0);
    if (isFull() || (staged && staging.isFull())) {
      throw new IllegalStateException(
          "no room for one more: "
              + unsubmitted()
              + " submissions wait, and the kernel takes none: io_uring_enter: "
              + Errno.describe(result));
    }
  }

  @Override
  public int unsubmitted() {
    return sqTail - sqHead();
  }

  /// The position of the first submission that the kernel has not taken.
  private int sqHead() {
    return (int) INT.getAcquire(rings, sqHeadAt);
  }

  @Override
  public int enter(int minComplete, long timeoutNanos) {
    int flags = IoUring.IORING_ENTER_GETEVENTS;
    MemorySegment argument = MemorySegment.NULL;
    long argumentBytes = 0;
    if (minComplete > 0 && timeoutNanos >= 0) {
      waitArgument.set(JAVA_LONG, TIMESPEC_AT, timeoutNanos / NANOS_PER_SECOND);
      waitArgument.set(JAVA_LONG, TIMESPEC_AT + 8, timeoutNanos % NANOS_PER_SECOND);
      flags |= IoUring.IORING_ENTER_EXT_ARG;
      argument = waitArgument;
      argumentBytes = TIMESPEC_AT;
    }
    return submit(minComplete, flags, argument, argumentBytes);
  }

  /// Submits until the kernel has taken everything, or says why it takes no more. Where a bad
  /// submission holds up those behind it, a call ends with it and has not waited: it has a
  /// completion, and the next call takes the others.
  private int submit(int minComplete, int flags, MemorySegment argument, long argumentBytes) {
    int taken = 0;
    while (true) {
      int result =
          RingLibrary.enter(errno, fd, unsubmitted(), minComplete, flags, argument, argumentBytes);
      staging.taken(sqHead());
      if (result <= 0) {
        return result < 0 ? result : taken;
      }
      taken += result;
      if (unsubmitted() == 0) {
        return taken;
      }
    }
  }

  @Override
  public boolean hasNext() {
    return cqHead != (int) INT.getAcquire(rings, cqTailAt);
  }

  @Override
  public boolean mayTellOf(int opcode, int another) {
    if (((int) INT.getAcquire(rings, sqFlagsAt) & IoUring.IORING_SQ_CQ_OVERFLOW) != 0) {
      return true;
    }
    int tail = (int) INT.getAcquire(rings, cqTailAt);
    for (int place = cqHead; place != tail; place++) {
      int told = opcodeAt(cqesAt + (place & cqMask) * CQE_BYTES);
      if (told == opcode || told == another) {
        return true;
      }
    }
    return false;
  }

  private int opcodeAt(long cqe) {
    return (int) (rings.get(JAVA_LONG, cqe) >>> 56);
  }

  @Override
  public boolean next() {
    if (currentCqe != 0) {
      // The one before is read: the kernel may have its place.
      INT.setRelease(rings, cqHeadAt, cqHead);
      currentCqe = 0;
    }
    if (!hasNext()) {
      return false;
    }
    currentCqe = cqesAt + (cqHead & cqMask) * CQE_BYTES;
    cqHead++;
    receivedOffset = buffers.received(flags(), result());
    return true;
  }

  @Override
  public int opcode() {
    return opcodeAt(currentCqe);
  }

  @Override
  public long tag() {
    return rings.get(JAVA_LONG, currentCqe) & MAX_TAG;
  }

  @Override
  public int result() {
    return rings.get(JAVA_INT, currentCqe + 8);
  }

  @Override
  public int flags() {
    return rings.get(JAVA_INT, currentCqe + 12);
  }

  @Override
  public MemorySegment receiveMemory() {
    return buffers.memory();
  }

  @Override
  public int receivedOffset() {
    return receivedOffset;
  }

  @Override
  public void giveBack(int receivedOffset) {
    buffers.giveBack(receivedOffset);
  }

  @Override
  public int registerSparseFiles(int slots) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = arena.allocate(IoUring.RSRC_REGISTER);
      argument.set(JAVA_INT, 0, slots);
      argument.set(JAVA_INT, 4, IoUring.IORING_RSRC_REGISTER_SPARSE);
      return RingLibrary.register(
          errno,
          fd,
          IoUring.IORING_REGISTER_FILES2,
          argument,
          (int) IoUring.RSRC_REGISTER.byteSize());
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      CLibrary.close(errno, fd);
    }
  }
}
