package dev.pollux.server;

import dev.pollux.session.Message;
import dev.pollux.session.StreamingHandler;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.security.Principal;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/// An application whose parts fail: where, the path says, and how, the query, which is the name of
/// a [Failing].
final class FailingApplication {
  static final Principal ANN = () -> "ann";

  /// What the authenticator is to complete; `/stage` asks for it.
  final BlockingQueue<CompletableFuture<Principal>> stages = new LinkedBlockingQueue<>();

  /// As many tasks wait for who said so as may, and its owner waits for the other latch.
  final CountDownLatch filled = new CountDownLatch(1);

  final CountDownLatch unblocked = new CountDownLatch(1);

  ServerBuilder of(ServerBuilder server) {
    Echo echo = new Echo();
    for (String path :
        new String[] {
          "/echo",
          "/open",
          "/authenticator",
          "/failed-stage",
          "/wrapped-stage",
          "/no-stage",
          "/angry-stage",
          "/twice",
          "/stage"
        }) {
      server.webSocket(path, echo);
    }
    for (Failing how : Failing.values()) {
      server.page("/page-" + how, "text/plain", how::fail);
    }
    return server
        .authenticateAsync(this::authenticate)
        .webSocket("/factory", request -> kind(request).fail())
        .webSocket("/no-handler", request -> nothing())
        .webSocket("/parts", request -> new Asked(kind(request)))
        .webSocket("/stage-parts", request -> new Asked(Failing.ERROR))
        .page("/no-page", "text/plain", FailingApplication::nothing)
        .page("/bad-type", "text/plain\r\nX: y", () -> new byte[1]);
  }

  private final class Echo implements WebSocketHandler {
    @Override
    public void onOpen(WebSocket ws) {
      if (ws.path().equals("/open")) {
        throw new AssertionError("a bug in onOpen");
      }
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      switch (message.text()) {
        case "let the other in" -> stages.remove().complete(ANN);
        case "let nobody in" -> stages.remove().completeExceptionally(new AssertionError());
        case "fill the inbox" -> {
          for (int i = 0; i < 1000 && ws.execute(() -> {}); i++) {
            Thread.onSpinWait();
          }
          filled.countDown();
          await(unblocked);
        }
        default -> {}
      }
      ws.send(message);
    }
  }

  /// One whose question before the session is made fails.
  private record Asked(Failing how) implements StreamingHandler {
    @Override
    public void onPart(WebSocket ws, Message part, boolean last) {}

    @Override
    public int wholeUpToBytes() {
      return how.<Integer>fail();
    }
  }

  static void await(CountDownLatch latch) {
    try {
      if (!latch.await(120, TimeUnit.SECONDS)) {
        throw new IllegalStateException("not within a minute");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Failing kind(UpgradeRequest request) {
    return Failing.valueOf(Objects.requireNonNull(request.query()));
  }

  private CompletionStage<Principal> authenticate(UpgradeRequest request) {
    return switch (request.path()) {
      case "/authenticator" -> kind(request).fail();
      case "/failed-stage" -> CompletableFuture.failedFuture(kind(request).caught());
      case "/wrapped-stage" ->
          CompletableFuture.failedFuture(
              new CompletionException(new CompletionException(kind(request).caught())));
      case "/no-stage" -> nothing();
      case "/angry-stage" -> new Angry(kind(request));
      case "/twice" -> new Twice();
      case "/stage", "/stage-parts" -> {
        var stage = new CompletableFuture<Principal>();
        stages.add(stage);
        yield stage;
      }
      default -> CompletableFuture.completedFuture(null);
    };
  }

  /// Does not even take the question.
  private static final class Angry extends CompletableFuture<Principal> {
    private final Failing how;

    Angry(Failing how) {
      this.how = how;
    }

    @Override
    public CompletableFuture<Principal> whenComplete(
        BiConsumer<? super Principal, ? super Throwable> action) {
      return how.fail();
    }
  }

  /// Answers several times, and not the same.
  private static final class Twice extends CompletableFuture<Principal> {
    @Override
    public CompletableFuture<Principal> whenComplete(
        BiConsumer<? super Principal, ? super Throwable> action) {
      action.accept(ANN, null);
      action.accept(null, new IllegalStateException("a secret"));
      return this;
    }
  }

  // What an application returns that is compiled without NullAway.
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }
}
