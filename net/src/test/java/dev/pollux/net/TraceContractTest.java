package dev.pollux.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import java.io.IOException;
import java.lang.StackWalker.StackFrame;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What each model is seen to do for one echo, in the lines of a trace.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TraceContractTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  /// Each once: a model that tries all the time writes the same again and again.
  private final Set<String> lines = ConcurrentHashMap.newKeySet();

  /// The lines of a wait that found something, a receive of `hello` and a send of it.
  private static List<String> claims(IoModel model) {
    String fd = "\\d+";
    String received = "recv\\(" + fd + ", \"hello\", 65536, 0\\) = 5";
    String sent = "send\\(" + fd + ", \"hello\", 5, MSG_(DONTWAIT\\|MSG_)?NOSIGNAL\\) = 5";
    return switch (model) {
      case BLOCKING ->
          List.of(
              "accept4\\(\\d+, \\{127\\.0\\.0\\.1:\\d+}, SOCK_CLOEXEC\\) = " + fd, received, sent);
      case NONBLOCKING ->
          List.of(
              "accept4\\(\\d+, 0x[0-9a-f]+, SOCK_NONBLOCK\\|SOCK_CLOEXEC\\) = -1 EAGAIN"
                  + " \\(Resource temporarily unavailable\\)",
              "accept4\\(\\d+, \\{127\\.0\\.0\\.1:\\d+}, SOCK_NONBLOCK\\|SOCK_CLOEXEC\\) = " + fd,
              "recv\\(\\d+, 0x[0-9a-f]+, 65536, 0\\) = -1 EAGAIN"
                  + " \\(Resource temporarily unavailable\\)",
              received,
              sent);
      case SELECT ->
          List.of(
              "select\\(\\d+, \\[\\d+( \\d+)*], \\[], NULL, (NULL|\\{tv_sec=.*})\\) = 1 \\(in"
                  + " \\[\\d+]\\)",
              received,
              sent);
      case POLL ->
          List.of(
              "poll\\(\\[\\{fd=\\d+, events=POLLIN}.*], \\d+, -?\\d+\\) = 1 \\(\\[\\{fd=\\d+,"
                  + " revents=POLLIN}]\\)",
              received,
              sent);
      case EPOLL ->
          List.of(
              "epoll_create1\\(EPOLL_CLOEXEC\\) = " + fd,
              "epoll_ctl\\(\\d+, EPOLL_CTL_ADD, (\\d+), \\{EPOLLIN, fd=\\1}\\) = 0",
              "epoll_wait\\(\\d+, \\[\\{EPOLLIN, fd=\\d+}], 1024, -?\\d+\\) = 1",
              received,
              sent);
      case EPOLL_ET ->
          List.of(
              "epoll_ctl\\(\\d+, EPOLL_CTL_ADD, (\\d+), \\{EPOLLIN\\|EPOLLOUT\\|EPOLLET, fd=\\1}\\)"
                  + " = 0",
              "epoll_wait\\(\\d+, \\[\\{EPOLLIN\\|EPOLLOUT, fd=\\d+}], 1024, -?\\d+\\) = 1",
              received,
              sent);
      case IO_URING ->
          List.of(
              "io_uring_setup\\(512, \\{cq_entries=4096, uses .*}\\) = " + fd,
              "sqe \\{IORING_OP_ACCEPT, fd=\\d+, ioprio=IORING_ACCEPT_MULTISHOT,"
                  + " accept_flags=SOCK_CLOEXEC, user_data=0xd[0-9a-f]{14}}",
              "cqe \\{IORING_OP_ACCEPT, user_data=0xd[0-9a-f]{14}, res=\\d+,"
                  + " flags=IORING_CQE_F_MORE}",
              "sqe \\{IORING_OP_RECV, flags=IOSQE_BUFFER_SELECT, fd=\\d+,.* (len=0|len=32768,"
                  + " optlen=131072), user_data=0x1b[0-9a-f]{14}}",
              "cqe \\{IORING_OP_RECV, user_data=0x1b[0-9a-f]{14}, res=5,"
                  + " flags=IORING_CQE_F_BUFFER.*, buffer=\\d+, \"hello\"}",
              "sqe \\{IORING_OP_SEND, flags=IOSQE_CQE_SKIP_SUCCESS, fd=\\d+, \"hello\", len=5,"
                  + " msg_flags=MSG_DONTWAIT\\|MSG_WAITALL\\|MSG_NOSIGNAL,"
                  + " user_data=0x1a[0-9a-f]{14}}",
              "io_uring_enter\\(\\d+, \\d+, \\d+, IORING_ENTER_GETEVENTS.*\\) = \\d+");
      case VIRTUAL ->
          List.of(
              "epoll_ctl\\(\\d+, EPOLL_CTL_ADD, (\\d+),"
                  + " \\{EPOLLIN\\|EPOLLPRI\\|EPOLLOUT\\|EPOLLRDHUP\\|EPOLLET, fd=\\1}\\) = 0",
              "epoll_wait\\(\\d+, \\[.*\\{EPOLLIN.*, fd=\\d+}.*], 512, 0\\) = \\d+",
              received,
              sent);
      case NIO, AUTO -> List.of();
    };
  }

  @ParameterizedTest
  @EnumSource
  void theLinesOfAnEchoAreThoseThatTheModelClaims(IoModel model) throws Exception {
    try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(1).withTrace(lines::add));
        Socket client = connected(engine)) {
      // It stays, so that a model that tries in vain has something to try.
      echo(client);
      for (String claim : claims(engine.model())) {
        Pattern line = Pattern.compile(claim);
        try {
          Await.until(
              "there is a line " + claim,
              () -> lines.stream().anyMatch(each -> line.matcher(each).matches()));
        } catch (AssertionError e) {
          throw new AssertionError(e.getMessage() + " in\n" + String.join("\n", lines), e);
        }
      }
      if (model == IoModel.NIO) {
        assertEquals(Set.of(), lines, "the JDK's calls are not ours");
      }
    }
  }

  private static Socket connected(Engine engine) throws IOException {
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    return new Socket(server.getAddress(), server.getPort());
  }

  private static void echo(Engine engine) throws IOException {
    try (Socket client = connected(engine)) {
      echo(client);
    }
  }

  private static void echo(Socket client) throws IOException {
    for (int i = 0; i < 20; i++) {
      client.getOutputStream().write("hello".getBytes(UTF_8));
      assertEquals("hello", new String(client.getInputStream().readNBytes(5), UTF_8));
    }
  }

  /// That nothing is paid for a trace that is not asked for: it is not there.
  @ParameterizedTest
  @EnumSource
  void withoutATraceNoTracingKernelIsOnTheWayOfACall(IoModel model) throws Exception {
    assertEquals(Set.of(), classesBelow(model, options -> options));
  }

  @ParameterizedTest
  @EnumSource(
      value = IoModel.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NIO"})
  void withATraceThereIsOne(IoModel model) throws Exception {
    Set<String> seen = classesBelow(model, options -> options.withTrace(lines::add));
    assertTrue(seen.contains("TracingKernel"), seen::toString);
  }

  /// The tracing classes that stand between an engine and its kernel.
  private Set<String> classesBelow(IoModel model, Function<EngineOptions, EngineOptions> with)
      throws IOException {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    EngineOptions watched =
        EngineOptions.of(model)
            .withLoops(1)
            .withKernels(kernel -> WatchedKernel.around(kernel, () -> noteTracing(seen)));
    try (Engine engine = Engine.open(with.apply(watched))) {
      echo(engine);
    }
    return seen;
  }

  private static void noteTracing(Set<String> seen) {
    seen.addAll(
        StackWalker.getInstance()
            .walk(frames ->
                frames
                    .map(StackFrame::getClassName)
                    .filter(name -> name.contains(".Tracing"))
                    .map(name -> name.substring(name.lastIndexOf('.') + 1))
                    .collect(Collectors.toSet())));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsTracedIsCountedAsBefore(IoModel model) throws Exception {
    EngineOptions options = EngineOptions.of(model).withLoops(1);
    try (Engine engine = Engine.open(options.withTrace(lines::add))) {
      echo(engine);
      assertTrue(engine.statistics().systemCalls().totalCalls() > 0);
    }
    try (Arena arena = Arena.ofConfined()) {
      Kernel plain = options.kernels().apply(new LinuxKernel(arena));
      assertFalse(plain.getClass().getSimpleName().contains("Tracing"));
    }
  }
}
