package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.net.ConnectAndCloseTest.Mode;
import dev.pollux.net.FailureBench.Served;
import dev.pollux.net.TroubledProtocol.Place;
import dev.pollux.sys.SystemCall;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Whichever call of the engine's own throws (out of memory, most likely, or a bug), on every
/// model: what the call was for ends, and nobody else notices.
@ParameterizedClass
@MethodSource("dev.pollux.net.FailureBench#modes")
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit sets the field
final class CallFailureTest {
  private static final Pattern DESCRIPTOR = Pattern.compile("fd (\\d+)");

  @Parameter Mode mode;

  private final Snare snare = new Snare();

  @BeforeEach
  void assumePossible() throws IOException {
    mode.assumePossible();
  }

  private FailureBench bench() throws Exception {
    return new FailureBench(mode, this::snared);
  }

  private EngineOptions snared(EngineOptions options) {
    return options.withKernels(snare::around).withRing(options.ring().withRings(snare::around));
  }

  private boolean isRing() {
    return mode.model() == IoModel.IO_URING;
  }

  private static int descriptor(Connection connection) {
    Matcher found = DESCRIPTOR.matcher(connection.toString());
    assertTrue(found.find(), "the descriptor of " + connection);
    return Integer.parseInt(found.group(1));
  }

  /// What a call is made for.
  enum Occasion {
    RECEIVING(SystemCall.RECV, SystemCall.IORING_OP_RECV, CloseReason.FAILED),
    SENDING(SystemCall.SEND, SystemCall.IORING_OP_SEND, CloseReason.FAILED),
    SENDING_MUCH(SystemCall.SENDMSG, SystemCall.SENDMSG, CloseReason.FAILED),
    SENDING_MUCH_BY_THE_RING(SystemCall.SENDMSG, SystemCall.IORING_OP_SENDMSG, CloseReason.FAILED),
    WATCHING_FOR_ROOM(SystemCall.EPOLL_CTL, SystemCall.EPOLL_CTL, CloseReason.FAILED),
    SAYING_FIN(SystemCall.SHUTDOWN, SystemCall.SHUTDOWN, CloseReason.FAILED),
    SAYING_FIN_BY_THE_RING(SystemCall.SHUTDOWN, SystemCall.IORING_OP_SHUTDOWN, CloseReason.FAILED),
    RESETTING(SystemCall.SETSOCKOPT, SystemCall.SETSOCKOPT, CloseReason.ABORTED),
    RESETTING_BY_THE_RING(
        SystemCall.SETSOCKOPT, SystemCall.IORING_OP_URING_CMD, CloseReason.ABORTED),
    DISCONNECTING(SystemCall.CONNECT, SystemCall.CONNECT, CloseReason.ABORTED),
    CANCELLING(SystemCall.CONNECT, SystemCall.IORING_OP_ASYNC_CANCEL, CloseReason.ABORTED),
    CLOSING(SystemCall.CLOSE, SystemCall.IORING_OP_CLOSE, CloseReason.ABORTED);

    private final SystemCall call;
    private final SystemCall ringsCall;
    private final CloseReason reason;

    Occasion(SystemCall call, SystemCall ringsCall, CloseReason reason) {
      this.call = call;
      this.ringsCall = ringsCall;
      this.reason = reason;
    }

    SystemCall callOf(Mode mode) {
      return mode.model() == IoModel.IO_URING ? ringsCall : call;
    }

    int order() {
      return switch (this) {
        case RECEIVING, SENDING -> 'x';
        case SENDING_MUCH, SENDING_MUCH_BY_THE_RING, WATCHING_FOR_ROOM ->
            TroubledProtocol.MUCH_OUTPUT;
        default -> TroubledProtocol.CLOSE;
      };
    }

    boolean happensIn(Mode mode) {
      boolean ring = mode.model() == IoModel.IO_URING;
      boolean direct = mode.ring().direct();
      return switch (this) {
        case SENDING_MUCH, RESETTING, SAYING_FIN -> !direct;
        case SENDING_MUCH_BY_THE_RING -> ring;
        case SAYING_FIN_BY_THE_RING, RESETTING_BY_THE_RING -> direct;
        case CANCELLING -> ring;
        case DISCONNECTING -> !mode.model().usesLoops();
        case WATCHING_FOR_ROOM -> mode.model() == IoModel.EPOLL;
        default -> true;
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatThrowsLosesTheConnectionThatItIsForOnly(Trouble trouble) throws Exception {
    try (FailureBench bench = bench()) {
      for (Occasion occasion : Occasion.values()) {
        if (occasion.happensIn(mode)) {
          failsAt(occasion, trouble, bench);
        }
      }
      bench.assertEndsWell();
    }
  }

  private void failsAt(Occasion occasion, Trouble trouble, FailureBench bench) throws Exception {
    Served victim = bench.served(Place.NOWHERE, trouble);
    FailureBench.order(victim.socket(), 'w');
    assertEquals('w', victim.socket().getInputStream().read());
    bench.noteFailures();
    bench.inOneBatch(() -> {
      // The file that a ring closes is not among the arguments of every one of its operations.
      boolean any = occasion == Occasion.CLOSING && isRing();
      snare.set(
          occasion.callOf(mode),
          any ? Snare.ANY : descriptor(victim.protocol().connection()),
          trouble);
      if (occasion.reason == CloseReason.ABORTED) {
        // Not in a callback of its own: a ring has a receive under way then.
        Connection connection = victim.protocol().connection();
        connection.enter(connection::abort);
      } else {
        FailureBench.order(victim.socket(), occasion.order());
      }
    });
    FailureBench.assertTold(occasion.reason, victim.protocol());
    FailureBench.assertEnds(victim.socket());
    assertFalse(snare.isSet(), occasion + " came about");
    bench.assertFailures(1);
    // Nobody who is gone keeps its owner from running what is accepted still.
    CompletableFuture<Boolean> run = new CompletableFuture<>();
    assertTrue(victim.protocol().connection().enter(() -> run.complete(true)));
    run.get(20, TimeUnit.SECONDS);
    bench.assertOthersAreServed();
  }

  @ParameterizedTest
  @EnumSource
  void aWaitThatThrowsIsTriedAgain(Trouble trouble) throws Exception {
    SystemCall waits =
        switch (mode.model()) {
          case SELECT -> SystemCall.SELECT;
          case POLL -> SystemCall.POLL;
          case EPOLL, EPOLL_ET, VIRTUAL -> SystemCall.EPOLL_WAIT;
          case IO_URING -> SystemCall.IO_URING_ENTER;
          default -> null;
        };
    assumeTrue(waits != null, "nothing waits but the calls themselves");
    try (FailureBench bench = bench()) {
      for (int i = 0; i < 3; i++) {
        bench.noteFailures();
        snare.set(waits, Snare.ANY, trouble);
        bench.assertOthersAreServed();
        bench.assertFailures(1);
        assertFalse(snare.isSet());
      }
      bench.assertEndsWell();
    }
  }

  /// What is called for a client that comes.
  private List<SystemCall> welcome() {
    return switch (mode.model()) {
      case EPOLL, EPOLL_ET, VIRTUAL -> List.of(SystemCall.ACCEPT4, SystemCall.EPOLL_CTL);
      case IO_URING ->
          mode.ring().direct()
              ? List.of(
                  SystemCall.IORING_OP_ACCEPT,
                  SystemCall.IORING_OP_RECV,
                  SystemCall.IORING_OP_MSG_RING)
              : List.of(
                  SystemCall.IORING_OP_ACCEPT, SystemCall.IORING_OP_RECV, SystemCall.GETPEERNAME);
      default -> List.of(SystemCall.ACCEPT4);
    };
  }

  @ParameterizedTest
  @EnumSource
  void acceptingGoesOnAfterACallThatThrows(Trouble trouble) throws Exception {
    try (FailureBench bench = bench()) {
      for (SystemCall call : welcome()) {
        bench.noteFailures();
        snare.set(call, Snare.ANY, trouble);
        // The call for the next client may be under way already, or another loop's turn may come.
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 4 && snare.isSet(); i++) {
          Socket client = bench.client();
          clients.add(client);
          try {
            FailureBench.order(client, 'x');
            client.getInputStream().read();
          } catch (IOException reset) {
            // It was the one that could not be served.
          }
        }
        for (Socket client : clients) {
          client.close();
        }
        bench.assertNobodyElse();
        assertFalse(snare.isSet(), call + " came about");
        bench.assertFailures(1);
        bench.assertOthersAreServed();
      }
      bench.assertEndsWell();
    }
  }

  /// What is called for an outgoing connection until it stands.
  private List<SystemCall> connecting() {
    return switch (mode.model()) {
      case EPOLL, EPOLL_ET, VIRTUAL ->
          List.of(SystemCall.SETSOCKOPT, SystemCall.CONNECT, SystemCall.EPOLL_CTL);
      case IO_URING ->
          mode.ring().direct()
              ? List.of(
                  SystemCall.SETSOCKOPT,
                  SystemCall.IORING_OP_FILES_UPDATE,
                  SystemCall.IORING_OP_CONNECT)
              : List.of(SystemCall.SETSOCKOPT, SystemCall.IORING_OP_CONNECT);
      default -> List.of(SystemCall.SETSOCKOPT, SystemCall.CONNECT);
    };
  }

  @ParameterizedTest
  @EnumSource
  void aConnectOfWhichACallThrowsFailsAlone(Trouble trouble) throws Exception {
    // Not the engine's own server: the calls for its client would be snared as well.
    try (ServerSocket elsewhere = ConnectAndCloseTest.server(10);
        FailureBench bench = bench()) {
      for (SystemCall call : connecting()) {
        bench.noteFailures();
        snare.set(call, Snare.ANY, trouble);
        TroubledProtocol outgoing = FailureBench.peaceful();
        bench.engine.connect(ConnectAndCloseTest.of(elsewhere), outgoing);
        outgoing.connectFailed.get(20, TimeUnit.SECONDS);
        assertEquals(List.of("connect failed"), outgoing.told);
        bench.assertFailures(1);
        bench.assertOthersAreServed();
      }
      bench.assertEndsWell();
    }
  }

  /// What is called for a client that is refused.
  private List<SystemCall> refusing() {
    return mode.ring().direct()
        ? List.of(SystemCall.SHUTDOWN, SystemCall.IORING_OP_FIXED_FD_INSTALL)
        : List.of(SystemCall.SEND, SystemCall.SHUTDOWN);
  }

  @ParameterizedTest
  @EnumSource
  void aRefusalOfWhichACallThrowsHarmsNobody(Trouble trouble) throws Exception {
    try (FailureBench bench =
        new FailureBench(mode, options -> snared(options).withMaxConnections(4))) {
      for (SystemCall call : refusing()) {
        bench.noteFailures();
        bench.next.set(FailureContractTest::politelyRefusing);
        snare.set(call, Snare.ANY, trouble);
        FailureBench.assertEnds(bench.client());
        assertFalse(snare.isSet(), call + " came about");
        bench.assertFailures(1);
        bench.assertNobodyElse();
      }
      bench.assertEndsWell();
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEngineEndsThoughACallThrows(Trouble trouble) throws Exception {
    for (SystemCall call :
        isRing()
            ? List.of(
                SystemCall.SHUTDOWN,
                SystemCall.CLOSE,
                SystemCall.IORING_OP_CLOSE,
                SystemCall.IORING_OP_ASYNC_CANCEL,
                SystemCall.IO_URING_ENTER)
            : List.of(SystemCall.SHUTDOWN, SystemCall.CLOSE)) {
      try (FailureBench bench = bench()) {
        bench.assertOthersAreServed();
        snare.set(call, Snare.ANY, trouble);
        bench.assertEndsWell();
      }
      try (FailureBench bench = bench()) {
        bench.assertOthersAreServed();
        snare.set(call, Snare.ANY, trouble);
        bench.engine.stopListening();
        bench.assertEndsWell();
      }
    }
  }
}
