package dev.pollux.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The C headers of each library and architecture that has a compiler here judge our numbers.
///
/// The claims are static assertions: compiling them is the proof, also where the program could not
/// be run. The bytes of filled structs are compared only with a program that was run.
@KernelTest
class COracleTest {

  private final Arena arena = Arena.ofAuto();

  @TempDir private Path folder = Path.of("");

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void theHeadersAgreeWithEveryConstantAndStruct(CCompiler compiler) throws Exception {
    assumeThere(compiler);
    Map<String, Long> facts = CFacts.of(compiler.architecture);
    assertTrue(facts.size() > 250, "only " + facts.size() + " facts");
    assertEquals("", compiler.complaints(source(facts)));
    if (compiler.runs()) {
      assertEquals(bytes(), compiler.output(resource("bytes.c")));
    }
    System.out.println(compiler + ": " + facts.size() + " facts hold");
  }

  /// The headers of the kernel, of Linux 6.1 or newer: musl brings none.
  @ParameterizedTest(name = "{0}")
  @EnumSource
  void theKernelsHeadersAgreeAboutIoUring(CCompiler compiler) throws Exception {
    assumeThere(compiler);
    Map<String, Long> facts = CFacts.ofIoUring();
    assertTrue(facts.size() > 130, "only " + facts.size() + " facts");
    resource("io_uring.h");
    Path source = folder.resolve("io_uring.c");
    Files.writeString(source, "#include \"io_uring.h\"\n", US_ASCII);
    String missing = compiler.complaints(source);
    assumeTrue(missing.isEmpty(), () -> "no headers of Linux 6.1: " + missing);
    Files.writeString(source, CFacts.source("io_uring.h", facts), US_ASCII);
    assertEquals("", compiler.complaints(source));
    facts.computeIfPresent("sizeof(struct io_uring_sqe)", (_, value) -> value + 1);
    Files.writeString(source, CFacts.source("io_uring.h", facts), US_ASCII);
    assertTrue(compiler.complaints(source).contains("sizeof(struct io_uring_sqe) is not"));
    if (compiler.runs()) {
      assertEquals(submission(), compiler.output(resource("io_uring_bytes.c")));
    }
  }

  /// What `io_uring_bytes.c` prints, made by our class.
  private String submission() {
    MemorySegment sqe = arena.allocate(IoUring.SQE);
    LinuxRing.writeSqe(
        sqe,
        0,
        0xf1,
        0x92,
        0xa3b4,
        -2,
        0xfedc_ba98_7654_3210L,
        0x8123_4567_89ab_cdefL,
        0xc0ff_ee01,
        0xd1e2_f304,
        0xb5c6,
        -3,
        0x9999_8888_7777_6666L,
        0x00ab_cdef_0123_4567L);
    return line("io_uring_sqe", sqe);
  }

  /// The test above could not fail if a wrong number compiled.
  @ParameterizedTest(name = "{0}")
  @EnumSource
  void aWrongNumberDoesNotCompile(CCompiler compiler) throws Exception {
    assumeThere(compiler);
    for (String expression :
        new String[] {"(int) EPOLLET", "offsetof(struct epoll_event, data)", "sizeof(fd_set)"}) {
      Map<String, Long> facts = CFacts.of(compiler.architecture);
      facts.computeIfPresent(expression, (_, value) -> value + 1);
      String complaints = compiler.complaints(source(facts));
      assertTrue(complaints.contains(expression + " is not"), complaints);
    }
  }

  private static void assumeThere(CCompiler compiler) {
    assumeTrue(compiler.isThere(), () -> "no " + compiler.command + " on this machine");
  }

  private Path source(Map<String, Long> facts) throws IOException {
    resource("headers.h");
    return Files.writeString(folder.resolve("facts.c"), CFacts.source(facts), US_ASCII);
  }

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = COracleTest.class.getResourceAsStream("/oracle/" + name)) {
      Files.write(file, Objects.requireNonNull(in).readAllBytes());
    }
    return file;
  }

  /// What `bytes.c` prints, made by our classes.
  private String bytes() throws UnknownHostException {
    SockAddr in = SockAddr.of(arena, new InetSocketAddress("192.0.2.7", 0x1234));

    byte[] ip6 = new byte[16];
    ip6[0] = (byte) 0xfe;
    ip6[1] = (byte) 0x80;
    ip6[11] = 1;
    ip6[13] = 2;
    ip6[15] = 3;
    SockAddr in6 =
        SockAddr.of(arena, new InetSocketAddress(Inet6Address.getByAddress(null, ip6, 3), 0xfedc));

    FdSet set = FdSet.allocate(arena);
    for (int fd : new int[] {0, 5, 63, 64, 700, 1022, 1023}) {
      set.set(fd);
    }
    set.clear(1022);

    PollFds fds = PollFds.allocate(arena, 2);
    fds.set(0, 0x01020304, PollFds.POLLIN | PollFds.POLLRDHUP);
    fds.set(1, -1, PollFds.POLLOUT);

    EpollEvents events = EpollEvents.allocate(arena, 2);
    events.set(0, Epoll.EPOLLIN | Epoll.EPOLLET, 0xfedc_ba98_7654_3210L);
    events.set(1, Epoll.EPOLLRDHUP, 42);

    return String.join(
        "\n",
        line("sockaddr_in", in.segment().asSlice(0, in.length())),
        line("sockaddr_in6", in6.segment().asSlice(0, in6.length())),
        line("fd_set", set.segment()),
        line("pollfd", fds.segment()),
        line("epoll_event", events.segment()),
        line("linger", Socket.linger(arena, true, 7)));
  }

  private static String line(String name, MemorySegment memory) {
    return name + " " + HexFormat.of().formatHex(memory.toArray(ValueLayout.JAVA_BYTE));
  }
}
