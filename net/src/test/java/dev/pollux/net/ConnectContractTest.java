package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.Epoll;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// How every I/O model makes outgoing connections. The far end is a plain socket of the JDK.
@ParameterizedClass
@EnumSource(IoModel.class)
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class ConnectContractTest {
  @Parameter IoModel model;

  private OwnResources before;
  private Engine engine;

  @BeforeEach
  void open() throws IOException {
    before = OwnResources.now();
    engine = Engine.open(EngineOptions.of(model).withLoops(1));
  }

  @AfterEach
  void leavesNothingBehind() {
    engine.close();
    before.assertNothingMoreThanThis();
  }

  private static final class Outcome implements Protocol {
    final CompletableFuture<Connection> opened = new CompletableFuture<>();
    final CompletableFuture<String> failed = new CompletableFuture<>();

    @Override
    public void onOpen(Connection connection) {
      opened.complete(connection);
    }

    @Override
    public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {}

    @Override
    public void onConnectFailed(IOException cause) {
      failed.complete(String.valueOf(cause.getMessage()));
    }

    String failure() throws Exception {
      return failed.get(120, TimeUnit.SECONDS);
    }
  }

  private Outcome connect(ConnectOptions options) {
    Outcome outcome = new Outcome();
    engine.connect(options, outcome);
    return outcome;
  }

  private static InetSocketAddress at(String address, int port) throws IOException {
    return new InetSocketAddress(InetAddress.getByName(address), port);
  }

  /// A listener whose queue is full: the kernel answers no SYN any more.
  private static final class Deaf implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Socket[] queued = new Socket[2];

    Deaf() throws IOException {
      for (int i = 0; i < queued.length; i++) {
        queued[i] = new Socket(server.getInetAddress(), server.getLocalPort());
      }
    }

    ConnectOptions target() {
      return ConnectOptions.to((InetSocketAddress) server.getLocalSocketAddress());
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (Socket socket : queued) {
        socket.close();
      }
    }
  }

  @Test
  void connectsFromTheLocalAddressThatIsAskedFor() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      ConnectOptions options =
          ConnectOptions.to((InetSocketAddress) server.getLocalSocketAddress())
              .withLocal(at("127.0.0.7", 0));
      Outcome outcome = connect(options);
      try (Socket accepted = server.accept()) {
        assertEquals("127.0.0.7", accepted.getInetAddress().getHostAddress());
        outcome.opened.get(120, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void aLocalAddressThatIsNotOfThisMachineIsNamed() throws Exception {
    Outcome outcome = connect(ConnectOptions.to(at("127.0.0.1", 9)).withLocal(at("192.0.2.1", 0)));
    assertEquals("bind 192.0.2.1:0: EADDRNOTAVAIL", outcome.failure());
  }

  @Test
  void aPeerThatDoesNotAnswerInTimeIsGivenUp() throws Exception {
    try (Deaf deaf = new Deaf()) {
      Outcome outcome = connect(deaf.target().withTimeout(Duration.ofMillis(150)));
      String failure = outcome.failure();
      assertTrue(failure.endsWith(": ETIMEDOUT (no answer within 150 ms)"), failure);
    }
    assertEquals(0, engine.statistics().connections());
  }

  @Test
  void aConnectThatIsUnderWayEndsWithTheEngine() throws Exception {
    try (Deaf deaf = new Deaf()) {
      Outcome outcome = connect(deaf.target());
      engine.close();
      String failure = outcome.failure();
      assertTrue(failure.endsWith(": the engine has ended"), failure);
    }
  }

  @Test
  void aTimeoutOutOfRangeIsNamed() throws Exception {
    ConnectOptions options = ConnectOptions.to(at("127.0.0.1", 9));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> options.withTimeout(Duration.ofSeconds(0)));
    assertEquals(
        "the connect timeout is PT0S; it must be more than 0 and at most 1 hour", e.getMessage());
  }

  @Test
  void whatCantBeWatchedAnyLongerIsToldAsAFailure() throws Exception {
    assumeTrue(model == IoModel.EPOLL, "nobody else calls epoll_ctl for it");
    AtomicBoolean refused = new AtomicBoolean();
    engine.close();
    engine =
        Engine.open(
            EngineOptions.of(model).withLoops(1).withKernels(kernel -> refusing(kernel, refused)));
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Outcome outcome =
          connect(ConnectOptions.to((InetSocketAddress) server.getLocalSocketAddress()));
      String why = outcome.failure();
      assertTrue(why.contains("can't be watched: ENOMEM"), why);
      assertTrue(refused.get());
      try (Socket accepted = server.accept()) {
        assertEquals(-1, accepted.getInputStream().read(), "its descriptor is closed");
      }
    }
  }

  private static Kernel refusing(Kernel kernel, AtomicBoolean refused) {
    return new PassingKernel(kernel) {
      @Override
      public int epollCtl(int epfd, int operation, int fd, int events, long data) {
        if (operation == Epoll.EPOLL_CTL_MOD) {
          refused.set(true);
          return -Errno.ENOMEM;
        }
        return super.epollCtl(epfd, operation, fd, events, data);
      }
    };
  }
}
