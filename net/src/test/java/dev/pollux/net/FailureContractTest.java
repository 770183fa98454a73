package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.ConnectAndCloseTest.Mode;
import dev.pollux.net.FailureBench.Served;
import dev.pollux.net.TroubledProtocol.Place;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Wherever a protocol or a task throws, whatever it throws, on every model: what it belongs to
/// ends, is told once and counted, and nobody else notices.
@ParameterizedClass
@MethodSource("dev.pollux.net.FailureBench#modes")
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit sets the field
final class FailureContractTest {
  @Parameter Mode mode;

  @BeforeEach
  void assumePossible() throws IOException {
    mode.assumePossible();
  }

  @ParameterizedTest
  @EnumSource
  void aCallbackOrTaskThatThrowsLosesItsConnectionOnly(Trouble trouble) throws Exception {
    try (FailureBench bench = new FailureBench(mode, UnaryOperator.identity())) {
      for (Place place : Place.values()) {
        if (place != Place.NOWHERE) {
          bench.noteFailures();
          throwsAt(place, trouble, bench);
          bench.assertFailures(1);
          bench.assertOthersAreServed();
        }
      }
      bench.assertEndsWell();
    }
  }

  private static void throwsAt(Place place, Trouble trouble, FailureBench bench) throws Exception {
    if (place == Place.ON_OPEN) {
      bench.next.set(() -> bench.remember(new TroubledProtocol(place, trouble)));
      Socket[] client = new Socket[1];
      bench.inOneBatch(() -> client[0] = bench.client());
      FailureBench.assertTold(CloseReason.FAILED, bench.protocol(client[0]));
      FailureBench.assertEnds(client[0]);
      return;
    }
    Served victim = bench.served(place, trouble);
    Connection connection = victim.protocol().connection();
    bench.inOneBatch(() -> {
      FailureBench.order(victim.socket(), TroubledProtocol.TROUBLE);
      boolean accepted =
          switch (place) {
            case ENTRY -> connection.enter(trouble::happen);
            case TASK -> connection.execute(trouble::happen);
            case OWNERS_ENTRY -> {
              boolean added = connection.owner().add(trouble::happen);
              connection.owner().wake();
              yield added;
            }
            case ON_END_OF_INPUT -> {
              victim.socket().shutdownOutput();
              yield true;
            }
            default -> true;
          };
      assertTrue(accepted);
    });
    if (place.isTheOwners()) {
      bench.assertFailures(1);
      FailureBench.order(victim.socket(), 'a');
      assertEquals('a', victim.socket().getInputStream().read());
      victim.socket().close();
      FailureBench.assertTold(CloseReason.CLOSED, victim.protocol());
    } else {
      FailureBench.assertEnds(victim.socket());
      FailureBench.assertTold(
          place == Place.ON_CLOSED ? CloseReason.ABORTED : CloseReason.FAILED, victim.protocol());
    }
  }

  private Stream<Supplier<@Nullable Protocol>> badSuppliers(Trouble trouble) {
    return Stream.of(
        () -> {
          trouble.happen();
          return null;
        },
        () -> null);
  }

  @ParameterizedTest
  @EnumSource
  void aClientForWhomThereIsNoProtocolIsDropped(Trouble trouble) throws Exception {
    try (FailureBench bench = new FailureBench(mode, UnaryOperator.identity())) {
      for (Supplier<@Nullable Protocol> bad : badSuppliers(trouble).toList()) {
        // Both loops have their turn.
        for (int i = 0; i < 2; i++) {
          bench.noteFailures();
          bench.next.set(bad);
          FailureBench.assertEnds(bench.client());
          bench.assertFailures(1);
          bench.assertOthersAreServed();
        }
      }
      bench.assertEndsWell();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedClientForWhomThereAreNoWordsIsDroppedAllTheSame(Trouble trouble) throws Exception {
    try (FailureBench bench = new FailureBench(mode, options -> options.withMaxConnections(4))) {
      Supplier<@Nullable Protocol> throwing = () -> new TroubledProtocol(Place.NOWHERE, trouble);
      Stream<Supplier<@Nullable Protocol>> all =
          Stream.concat(badSuppliers(trouble), Stream.of(throwing));
      for (Supplier<@Nullable Protocol> bad : all.toList()) {
        bench.noteFailures();
        bench.next.set(bad);
        long refused = bench.engine.statistics().refused();
        FailureBench.assertEnds(bench.client());
        assertEquals(refused + 1, bench.engine.statistics().refused());
        bench.assertFailures(1);
        bench.assertNobodyElse();
      }
      bench.assertEndsWell();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aProtocolOfAnOutgoingConnectionThatThrowsLosesThatOnly(Trouble trouble) throws Exception {
    try (FailureBench bench = new FailureBench(mode, UnaryOperator.identity())) {
      for (int i = 0; i < 2; i++) {
        bench.noteFailures();
        TroubledProtocol opens = new TroubledProtocol(Place.ON_OPEN, trouble);
        bench.engine.connect(bench.server, opens);
        FailureBench.assertTold(CloseReason.FAILED, opens);
        bench.assertFailures(1);
        bench.assertOthersAreServed();

        bench.noteFailures();
        TroubledProtocol fails = new TroubledProtocol(Place.ON_OPEN, trouble);
        bench.engine.connect(nobodyThere(), fails);
        fails.connectFailed.get(20, TimeUnit.SECONDS);
        bench.assertFailures(1);
        bench.assertOthersAreServed();
        assertEquals(List.of("connect failed"), fails.told);
      }
      bench.assertEndsWell();
    }
  }

  static Protocol politelyRefusing() {
    return new Protocol() {
      @Override
      public void onBytes(Connection c, MemorySegment buffer, int offset, int length) {}

      @Override
      public void onRefused(Connection c, Refusal refusal) {
        c.write(MemorySegment.ofArray(new byte[1]), 0, 1);
      }
    };
  }

  private static InetSocketAddress nobodyThere() throws IOException {
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(gone.getInetAddress(), gone.getLocalPort());
    }
  }
}
