package dev.pollux.sys;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What module sys claims about the C library, as C expressions and their values: every constant
/// and every member of every struct.
final class CFacts {

  private static final List<Class<?>> CONSTANTS =
      List.of(
          Errno.class,
          Socket.class,
          Fcntl.class,
          FdSet.class,
          PollFds.class,
          Epoll.class,
          EventFd.class,
          IoVector.class,
          Rlimit.class);

  /// A number of the headers, not of the kernel: musl's is 128, glibc's was.
  private static final Set<String> NOT_COMPARED = Set.of("SOMAXCONN");

  /// glibc has a size where musl has an int and a padding int.
  private static final Set<String> OF_TWO_SIZES = Set.of("msg_iovlen", "msg_controllen");

  /// What the headers of older kernels do not have, and the version since when they do.
  private static final Map<String, String> SINCE =
      Map.of(
          "IORING_SETUP_NO_SQARRAY", "6,6,0",
          "SOCKET_URING_OP_SETSOCKOPT", "6,7,0",
          "IORING_OP_FIXED_FD_INSTALL", "6,8,0",
          "IORING_CQE_F_BUF_MORE", "6,12,0",
          "IOU_PBUF_RING_INC", "6,12,0",
          // It was padding before.
          "offsetof(struct io_uring_buf_reg, flags)", "6,4,0",
          "sizeof(((struct io_uring_buf_reg *) 0)->flags)", "6,4,0");

  private final Map<String, Long> facts = new LinkedHashMap<>();

  private CFacts() {}

  /// The claims about io_uring, which is the kernel's and the same everywhere, by C expression.
  static Map<String, Long> ofIoUring() {
    CFacts all = new CFacts();
    all.constants(IoUring.class);
    all.struct("struct io_uring_sqe", IoUring.SQE);
    all.struct("struct io_uring_cqe", IoUring.CQE);
    all.struct("struct io_sqring_offsets", IoUring.SQ_OFFSETS);
    all.struct("struct io_cqring_offsets", IoUring.CQ_OFFSETS);
    all.struct("struct io_uring_params", IoUring.PARAMS);
    all.struct("struct io_uring_getevents_arg", IoUring.GETEVENTS_ARG);
    all.struct("struct __kernel_timespec", IoUring.TIMESPEC);
    all.struct("struct io_uring_buf", IoUring.BUF);
    all.struct("struct io_uring_buf_reg", IoUring.BUF_REG);
    all.struct("struct io_uring_rsrc_register", IoUring.RSRC_REGISTER);
    all.struct("struct io_uring_probe", IoUring.PROBE);
    all.struct("struct io_uring_probe_op", IoUring.PROBE_OP);
    all.facts.put("offsetof(struct io_uring_buf_ring, tail)", 14L);
    all.facts.put("__NR_io_uring_setup", (long) RingLibrary.NR_IO_URING_SETUP);
    all.facts.put("__NR_io_uring_enter", (long) RingLibrary.NR_IO_URING_ENTER);
    all.facts.put("__NR_io_uring_register", (long) RingLibrary.NR_IO_URING_REGISTER);
    return all.facts;
  }

  /// The claims about an architecture, by C expression.
  static Map<String, Long> of(String architecture) {
    CFacts all = new CFacts();
    all.scalars();
    for (Class<?> type : CONSTANTS) {
      all.constants(type);
    }
    all.struct("struct sockaddr_in", SockAddr.IN);
    all.struct("struct sockaddr_in6", SockAddr.IN6);
    all.struct("struct linger", Socket.LINGER);
    all.struct("struct msghdr", Socket.MSGHDR);
    all.struct("struct iovec", IoVector.LAYOUT);
    all.struct("struct timeval", FdSet.TIMEVAL);
    all.struct("struct pollfd", PollFds.LAYOUT);
    all.struct("struct rlimit", Rlimit.LAYOUT);
    all.struct("struct epoll_event", Epoll.eventOf(architecture));
    all.facts.put("sizeof(fd_set)", FdSet.LAYOUT.byteSize());
    SyscallNumbers.of(architecture)
        .forEach((name, number) -> all.facts.put("__NR_" + name, (long) number));
    return all.facts;
  }

  /// A C source that compiles only if all is true.
  static String source(Map<String, Long> facts) {
    return source("headers.h", facts);
  }

  /// A C source over a header of ours that compiles only if all is true of what the headers know.
  static String source(String header, Map<String, Long> facts) {
    StringBuilder source = new StringBuilder("#include \"%s\"\n".formatted(header));
    facts.forEach((expression, value) -> {
      String since = SINCE.get(expression.replace("(int) ", ""));
      String claim =
          "_Static_assert((long long) (%s) == %d, \"%s is not %d\");\n"
              .formatted(expression, value, expression, value);
      source.append(
          since == null
              ? claim
              : "#if LINUX_VERSION_CODE >= KERNEL_VERSION(%s)\n%s#endif\n".formatted(since, claim));
    });
    return source.toString();
  }

  /// The widths in the signatures that are linked.
  private void scalars() {
    facts.put("__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__", 1L);
    facts.put("sizeof(int)", 4L);
    facts.put("sizeof(socklen_t)", 4L);
    for (String type : List.of("size_t", "ssize_t", "nfds_t", "void *")) {
      facts.put("sizeof(" + type + ")", 8L);
    }
  }

  private void constants(Class<?> type) {
    for (Field field : type.getFields()) {
      String name = type == Rlimit.class ? rlimit(field.getName()) : field.getName();
      if (Modifier.isStatic(field.getModifiers())
          && field.getType().isPrimitive()
          && !NOT_COMPARED.contains(name)) {
        // EPOLLET is unsigned in C: the cast makes it what an int of Java is.
        String cast = field.getType() == int.class ? "(int) " : "";
        facts.put(cast + name, value(field));
      }
    }
  }

  private static String rlimit(String name) {
    return name.equals("INFINITY") ? "RLIM_INFINITY" : name;
  }

  private static long value(Field field) {
    try {
      return field.getLong(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private void struct(String type, StructLayout layout) {
    facts.put("sizeof(" + type + ")", layout.byteSize());
    for (MemoryLayout member : layout.memberLayouts()) {
      String name = member.name().orElse("");
      if (name.isEmpty() || name.endsWith("_upper")) {
        continue;
      }
      facts.put(
          "offsetof(" + type + ", " + name + ")",
          layout.byteOffset(PathElement.groupElement(name)));
      if (!OF_TWO_SIZES.contains(name)) {
        facts.put("sizeof(((" + type + " *) 0)->" + name + ")", member.byteSize());
      }
    }
  }
}
