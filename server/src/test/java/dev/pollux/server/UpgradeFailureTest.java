package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Whatever is thrown before a WebSocket is open: its client gets an answer, the server goes on,
/// and nothing is left of it. On every I/O model.
@ParameterizedClass
@EnumSource(IoModel.class)
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class UpgradeFailureTest {
  @Parameter IoModel model;

  private final FailingApplication application = new FailingApplication();
  private OwnResources before;
  private PolluxServer server;
  private RawClient other;
  private int failures;

  @BeforeEach
  void start() throws IOException {
    before = OwnResources.now();
    startWith(Duration.ofSeconds(30));
  }

  private void restartWith(Duration handshakeTimeout) throws IOException {
    other.close();
    server.close();
    startWith(handshakeTimeout);
  }

  private void startWith(Duration handshakeTimeout) throws IOException {
    server =
        application
            .of(Pollux.server())
            .io(model)
            .loops(1)
            .handshakeTimeout(handshakeTimeout)
            .stopGrace(Duration.ofMillis(200))
            .engine(options -> options.withLinger(Duration.ofSeconds(1)).withMailboxCapacity(256))
            .start();
    other = new RawClient(server.address(), "/echo");
  }

  @AfterEach
  void theOthersAreServedAndNothingIsLeftBehind() throws IOException {
    other.sendText("still here");
    assertEquals("text still here", other.read());
    assertEquals(failures, server.statistics().failures());
    Await.until(
        "the other's connection alone", () -> server.statistics().engine().connections() == 1);
    other.close();
    Await.until("no connection", () -> server.statistics().engine().connections() == 0);
    assertEquals(0, server.statistics().engine().failures());
    // The place is given back before the handler is told.
    Await.until("no session", () -> server.statistics().sessions().open() == 0);
    server.close();
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  /// Asks for a WebSocket, sends a frame right behind that, and expects to be refused.
  private void refused(String target, String status) throws IOException {
    try (RawClient client = asking(target)) {
      refused(client, target, status);
    }
  }

  private void refused(RawClient client, String target, String status) throws IOException {
    String answer = client.readAll();
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), () -> target + ": " + answer);
    assertEquals(1, answer.split("HTTP/1.1 ", -1).length - 1, () -> target + ": " + answer);
    assertFalse(answer.contains("secret"), answer);
    if (status.equals("500")) {
      assertTrue(answer.endsWith("\r\n\r\nthe server failed\n"), answer);
      failures++;
    }
  }

  private RawClient asking(String target) throws IOException {
    RawClient client = new RawClient(server.address(), 0);
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(RawClient.handshake(target));
    bytes.writeBytes(RawClient.text("at once"));
    client.write(bytes.toByteArray());
    return client;
  }

  private CompletableFuture<Principal> stage() throws InterruptedException {
    return Objects.requireNonNull(application.stages.poll(120, TimeUnit.SECONDS), "a question");
  }

  private static void isIn(RawClient client) throws IOException {
    String head = client.readHead();
    assertTrue(head.startsWith("HTTP/1.1 101 "), head);
    assertEquals("text at once", client.read());
  }

  @Test
  void whateverIsThrownIsAnsweredAndNothingOfItIsLeft() throws IOException {
    for (Failing how : Failing.values()) {
      for (String place :
          new String[] {
            "/authenticator",
            "/failed-stage",
            "/wrapped-stage",
            "/angry-stage",
            "/factory",
            "/parts"
          }) {
        refused(place + "?" + how, how.status);
      }
    }
    assertEquals(1, server.statistics().sessions().opened());
  }

  @Test
  void whatIsNotReturnedIsAFailure() throws IOException {
    refused("/no-stage", "500");
    refused("/no-handler", "500");
    assertEquals(1, server.statistics().sessions().opened());
  }

  @Test
  void aPageThatThrowsOrIsNoneIsAnswered() throws IOException {
    for (Failing how : Failing.values()) {
      page("/page-" + how, how.status);
    }
    page("/no-page", "500");
    page("/bad-type", "500");
  }

  private void page(String path, String status) throws IOException {
    try (RawClient client = new RawClient(server.address(), 0)) {
      client.write(
          ("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      refused(client, path, status);
    }
  }

  @Test
  void aStageMayFailLaterOnAnyThread() throws Exception {
    for (Failing how : Failing.values()) {
      try (RawClient client = asking("/stage")) {
        stage().completeExceptionally(how.caught());
        refused(client, "/stage", how.status);
      }
    }
    try (RawClient client = asking("/stage-parts")) {
      stage().complete(FailingApplication.ANN);
      refused(client, "/stage-parts", "500");
    }
    assertEquals(1, server.statistics().sessions().opened());
  }

  @Test
  void aStageMayBeCompletedByAnotherWebSocketsHandler() throws IOException {
    try (RawClient client = asking("/stage")) {
      Await.until("the question", () -> !application.stages.isEmpty());
      other.sendText("let the other in");
      assertEquals("text let the other in", other.read());
      isIn(client);
    }
    for (String target : new String[] {"/stage", "/stage-parts"}) {
      try (RawClient client = asking(target)) {
        Await.until("the question", () -> !application.stages.isEmpty());
        String how = target.equals("/stage") ? "let nobody in" : "let the other in";
        other.sendText(how);
        assertEquals("text " + how, other.read());
        refused(client, target, "500");
      }
    }
    assertEquals(0, server.statistics().sessions().handlerFailures());
  }

  @Test
  void theFirstAnswerOfAStageCounts() throws Exception {
    try (RawClient client = asking("/twice")) {
      isIn(client);
    }
    try (RawClient client = asking("/stage")) {
      CompletableFuture<Principal> stage = stage();
      stage.complete(FailingApplication.ANN);
      isIn(client);
      stage.obtrudeException(new IllegalStateException("a secret"));
      client.sendText("unharmed");
      assertEquals("text unharmed", client.read());
    }
  }

  @Test
  void anAnswerBehindTheTimeoutOrTheClientIsIgnored() throws Exception {
    restartWith(Duration.ofMillis(300));
    try (RawClient late = asking("/stage");
        RawClient lateToFail = asking("/stage")) {
      CompletableFuture<Principal> stage = stage();
      CompletableFuture<Principal> failing = stage();
      refused(late, "/stage", "503");
      refused(lateToFail, "/stage", "503");
      stage.complete(FailingApplication.ANN);
      failing.completeExceptionally(new AssertionError("late"));
    }
    RawClient gone = asking("/stage");
    CompletableFuture<Principal> stage = stage();
    gone.reset();
    Await.until("it is gone", () -> server.statistics().engine().connections() == 1);
    stage.complete(FailingApplication.ANN);
    assertEquals(1, server.statistics().sessions().opened());
  }

  @Test
  void anAnswerThatComesWhileAsManyTasksWaitAsMayIsNotLost() throws Exception {
    restartWith(Duration.ofMillis(1500));
    try (RawClient client = asking("/stage")) {
      CompletableFuture<Principal> stage = stage();
      other.sendText("fill the inbox");
      FailingApplication.await(application.filled);
      stage.complete(FailingApplication.ANN);
      application.unblocked.countDown();
      isIn(client);
      assertEquals("text fill the inbox", other.read());
      assertEquals(0, server.statistics().handshakeTimeouts());
    }
  }

  @Test
  void anAnswerBehindTheEndOfTheServerIsIgnored() throws Exception {
    try (PolluxServer ending = application.of(Pollux.server()).io(model).loops(1).start();
        RawClient client = new RawClient(ending.address(), 0)) {
      client.write(RawClient.handshake("/stage"));
      CompletableFuture<Principal> stage = stage();
      ending.stop(Duration.ZERO);
      CompletableFuture<Principal> seen = stage.whenComplete((_, _) -> {});
      stage.complete(FailingApplication.ANN);
      assertEquals("ann", seen.get(120, TimeUnit.SECONDS).getName());
      assertEquals(0, ending.statistics().sessions().opened());
      assertEquals(0, ending.statistics().failures());
    }
  }

  @Test
  void whatTheClientSentBehindItsHandshakeIsKeptForTheSession() throws Exception {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(RawClient.handshake("/stage"));
    String much = "x".repeat(10_000);
    for (int i = 0; i < 40; i++) {
      bytes.writeBytes(RawClient.text(i + much));
    }
    try (RawClient client = new RawClient(server.address(), 0)) {
      Thread writer = client.writeElsewhere(bytes.toByteArray());
      CompletableFuture<Principal> stage = stage();
      stage.complete(FailingApplication.ANN);
      assertTrue(client.readHead().startsWith("HTTP/1.1 101 "));
      for (int i = 0; i < 40; i++) {
        assertEquals("text " + i + much, client.read());
      }
      writer.join();
    }
  }

  @Test
  void whatOnOpenThrowsIsTheSessionsStill() throws IOException {
    try (RawClient client = new RawClient(server.address(), "/open")) {
      assertEquals("close 1011", client.read());
    }
    assertEquals(1, server.statistics().sessions().handlerFailures());
  }
}
