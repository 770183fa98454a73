package dev.pollux.lab.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.PingingServer;
import dev.pollux.lab.load.LoadException.Reason;
import dev.pollux.lab.load.LoadPlan.Mode;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A load on a server that pings in the midst of what it sends back.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // the method before each test sets the field
final class ControlFramesTest {
  private PingingServer server;

  @BeforeEach
  void start() throws IOException {
    server = new PingingServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private LoadPlan plan(String path) {
    return LoadPlan.of(URI.create("ws://127.0.0.1:" + server.port() + path))
        .withTimes(50, 200, 0)
        .withConnections(4);
  }

  private LoadResult good(LoadPlan plan) throws Exception {
    LoadResult result = Load.run(plan, LoadProgress.NONE);
    assertTrue(result.allWell(), () -> String.valueOf(result.problem()));
    assertEquals(0, result.missed());
    await(() -> server.pongs() >= server.pings());
    assertEquals(server.pings(), server.pongs());
    assertEquals(List.of(), server.complaints());
    return result;
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @EnumSource(IoModel.class)
  void anEchoIsTheMessagesAlone(IoModel model) throws Exception {
    LoadPlan plan = plan("/echo").withModel(model, 1).withInFlight(2);
    assertTrue(good(plan).messages() > 0);
  }

  @Test
  void soIsACompressedOne() throws Exception {
    LoadPlan plan = plan("/echo").withPayloadBytes(2_000).withInFlight(3).withCompressed(true);
    assertTrue(good(plan).messages() > 0);
  }

  @Test
  void aRateIsOfMessagesAlone() throws Exception {
    assertTrue(good(plan("/echo").withRatePerSecond(200)).messages() > 0);
  }

  @Test
  void aFanOutIsTheMessagesAlone() throws Exception {
    LoadPlan plan = plan("/room").withMode(Mode.FAN_OUT).withInFlight(2);
    LoadResult result = good(plan);
    assertTrue(result.messages() > 0);
    assertEquals(0, result.messages() % 4, "each message came to each of the four");
  }

  @Test
  void whatIsHeldIdleAnswersAndReceivesNothing() throws Exception {
    LoadResult result = good(plan("/echo").withMode(Mode.IDLE));
    assertEquals(0, result.messages());
    assertEquals(4, server.pings());
  }

  @Test
  void aCloseFrameInsideOfAMessageEndsTheConnectionAndIsNamed() {
    LoadPlan plan = plan("/closing").withTimes(0, 60_000, 0);
    LoadException lost = assertThrows(LoadException.class, () -> Load.run(plan, LoadProgress.NONE));
    assertEquals(Reason.ALL_LOST, lost.reason());
    String message = String.valueOf(lost.getMessage());
    assertTrue(message.contains("the server closed it with 1001"), message);
    assertEquals(List.of(), server.complaints());
  }
}
