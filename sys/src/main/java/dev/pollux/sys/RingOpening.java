package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.pollux.sys.RingFeatures.Feature;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;

/// The opening of one ring: io_uring_setup(2) with as much as the kernel takes, the question what
/// it knows, and where things are in the memory that it shares.
final class RingOpening {
  private static final long FLAGS = offset("flags");
  private static final long CQ_ENTRIES = offset("cq_entries");
  private static final long SQ_ENTRIES = offset("sq_entries");
  private static final long FEATURES = offset("features");
  private static final long SQ_OFF = offset("sq_off");
  private static final long CQ_OFF = offset("cq_off");
  private static final int PROBED = 64;

  /// What must be there: sockets without threads (5.7), a wait with a timeout (5.11), completions
  /// that are not dropped (5.5), operations whose arguments may change once submitted (5.5), and
  /// successes that are not told (5.17).
  private static final int NEEDED =
      IoUring.IORING_FEAT_SINGLE_MMAP
          | IoUring.IORING_FEAT_NODROP
          | IoUring.IORING_FEAT_SUBMIT_STABLE
          | IoUring.IORING_FEAT_FAST_POLL
          | IoUring.IORING_FEAT_EXT_ARG
          | IoUring.IORING_FEAT_CQE_SKIP;

  private static final int[] NEEDED_OPERATIONS = {
    IoUring.IORING_OP_POLL_ADD,
    IoUring.IORING_OP_SENDMSG,
    IoUring.IORING_OP_ACCEPT,
    IoUring.IORING_OP_ASYNC_CANCEL,
    IoUring.IORING_OP_CONNECT,
    IoUring.IORING_OP_CLOSE,
    IoUring.IORING_OP_SEND,
    IoUring.IORING_OP_RECV
  };

  private static final int[] OPERATIONS_OF_DIRECT_DESCRIPTORS = {
    IoUring.IORING_OP_FILES_UPDATE,
    IoUring.IORING_OP_SHUTDOWN,
    IoUring.IORING_OP_MSG_RING,
    IoUring.IORING_OP_SOCKET,
    IoUring.IORING_OP_URING_CMD,
    IoUring.IORING_OP_FIXED_FD_INSTALL
  };

  private final MemorySegment errno;
  private final Arena arena;
  private final RingSetup setup;
  private final MemorySegment params;
  private final EnumSet<Feature> used = EnumSet.noneOf(Feature.class);
  private final int fd;

  RingOpening(MemorySegment errno, Arena arena, RingSetup setup) throws IOException {
    this.errno = errno;
    this.arena = arena;
    this.setup = setup;
    this.params = arena.allocate(IoUring.PARAMS);
    this.fd = setUp();
    try {
      checkFeatures();
      checkOperations();
    } catch (IOException e) {
      CLibrary.close(errno, fd);
      throw e;
    }
  }

  private int setUp() throws IOException {
    // The newest first: that is what an older kernel stumbles over.
    Feature[] newestFirst = {
      Feature.NO_SQARRAY,
      Feature.DEFER_TASKRUN,
      Feature.SINGLE_ISSUER,
      Feature.COOP_TASKRUN,
      Feature.SUBMIT_ALL
    };
    for (Feature feature : newestFirst) {
      if (setup.allowed().contains(feature)) {
        used.add(feature);
      }
    }
    int result = trySetup();
    for (int i = 0; result == -Errno.EINVAL && i < newestFirst.length; i++) {
      used.remove(newestFirst[i]);
      result = trySetup();
    }
    return switch (-result) {
      case Errno.ENOSYS ->
          throw new IOException("io_uring_setup: ENOSYS: this kernel was built without io_uring.");
      case Errno.EPERM, Errno.EACCES ->
          throw new IOException(
              "io_uring_setup: "
                  + Errno.describe(result)
                  + ": io_uring is forbidden here, by the sysctl kernel.io_uring_disabled or by the"
                  + " container's seccomp profile.");
      case Errno.ENOMEM ->
          throw new IOException(
              "io_uring_setup: ENOMEM: the memory for the queues was refused; before Linux 5.12 it"
                  + " counts against RLIMIT_MEMLOCK (ulimit -l).");
      default -> {
        if (result < 0) {
          throw new IOException("io_uring_setup: " + Errno.describe(result));
        }
        yield result;
      }
    };
  }

  private int trySetup() {
    params.fill((byte) 0);
    boolean defer = used.contains(Feature.DEFER_TASKRUN) && used.contains(Feature.SINGLE_ISSUER);
    int flags =
        IoUring.IORING_SETUP_CQSIZE
            | IoUring.IORING_SETUP_CLAMP
            | flag(Feature.NO_SQARRAY, IoUring.IORING_SETUP_NO_SQARRAY)
            | flag(Feature.SINGLE_ISSUER, IoUring.IORING_SETUP_SINGLE_ISSUER)
            | flag(Feature.SUBMIT_ALL, IoUring.IORING_SETUP_SUBMIT_ALL)
            | (defer
                ? IoUring.IORING_SETUP_DEFER_TASKRUN
                : flag(Feature.COOP_TASKRUN, IoUring.IORING_SETUP_COOP_TASKRUN));
    params.set(JAVA_INT, FLAGS, flags);
    params.set(JAVA_INT, CQ_ENTRIES, setup.completions());
    int result = RingLibrary.setup(errno, setup.submissions(), params);
    if (result >= 0) {
      used.remove(defer ? Feature.COOP_TASKRUN : Feature.DEFER_TASKRUN);
    }
    return result;
  }

  private int flag(Feature feature, int flag) {
    return used.contains(feature) ? flag : 0;
  }

  private void checkFeatures() throws IOException {
    if ((params.get(JAVA_INT, FEATURES) & NEEDED) != NEEDED) {
      throw new IOException(
          "the io_uring of this kernel is too old: it has features 0x"
              + Integer.toHexString(params.get(JAVA_INT, FEATURES))
              + " where 0x"
              + Integer.toHexString(NEEDED)
              + " are needed (Linux 5.19 has all).");
    }
  }

  private void checkOperations() throws IOException {
    long entry = IoUring.PROBE_OP.byteSize();
    MemorySegment probe = arena.allocate(IoUring.PROBE.byteSize() + PROBED * entry, 8);
    int result = RingLibrary.register(errno, fd, IoUring.IORING_REGISTER_PROBE, probe, PROBED);
    if (result < 0) {
      throw new IOException("io_uring_register, PROBE: " + Errno.describe(result));
    }
    for (int opcode : NEEDED_OPERATIONS) {
      if (!knows(probe, opcode)) {
        throw new IOException(
            "the io_uring of this kernel has no " + SystemCall.ofOpcode(opcode).callName() + ".");
      }
    }
    boolean direct = setup.allowed().contains(Feature.DIRECT_DESCRIPTORS);
    for (int opcode : OPERATIONS_OF_DIRECT_DESCRIPTORS) {
      direct &= knows(probe, opcode);
    }
    if (direct) {
      used.add(Feature.DIRECT_DESCRIPTORS);
    }
    // There is no question to ask for it: it came with SINGLE_ISSUER and SEND_ZC, in Linux 6.0.
    if (setup.allowed().contains(Feature.MULTISHOT_RECV) && knows(probe, SEND_ZC)) {
      used.add(Feature.MULTISHOT_RECV);
    }
  }

  private static final int SEND_ZC = 47;

  private static boolean knows(MemorySegment probe, int opcode) {
    if (opcode > Byte.toUnsignedInt(probe.get(JAVA_BYTE, 0))) {
      return false;
    }
    long at = IoUring.PROBE.byteSize() + opcode * IoUring.PROBE_OP.byteSize();
    return (probe.get(JAVA_SHORT, at + 2) & IoUring.IO_URING_OP_SUPPORTED) != 0;
  }

  int fd() {
    return fd;
  }

  MemorySegment params() {
    return params;
  }

  EnumSet<Feature> features() {
    return used;
  }

  int submissions() {
    return params.get(JAVA_INT, SQ_ENTRIES);
  }

  int completions() {
    return params.get(JAVA_INT, CQ_ENTRIES);
  }

  /// The bytes of the mapping of both queues.
  long ringBytes() {
    long ofCompletions = cqOffset("cqes") + completions() * IoUring.CQE.byteSize();
    long ofSubmissions =
        used.contains(Feature.NO_SQARRAY) ? 0 : sqOffset("array") + submissions() * 4L;
    return Math.max(ofCompletions, ofSubmissions);
  }

  MemorySegment map(long offset, long bytes) throws IOException {
    MemorySegment mapped = RingLibrary.map(errno, fd, offset, bytes, arena);
    if (mapped == null) {
      throw new IOException("mmap of an io_uring: " + Errno.describe(CLibrary.result(-1L, errno)));
    }
    return mapped;
  }

  long sqOffset(String member) {
    return params.get(
        JAVA_INT, SQ_OFF + IoUring.SQ_OFFSETS.byteOffset(PathElement.groupElement(member)));
  }

  long cqOffset(String member) {
    return params.get(
        JAVA_INT, CQ_OFF + IoUring.CQ_OFFSETS.byteOffset(PathElement.groupElement(member)));
  }

  private static long offset(String member) {
    return IoUring.PARAMS.byteOffset(PathElement.groupElement(member));
  }
}
