package dev.pollux.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pollux.net.Connection;
import dev.pollux.net.IoModel;
import dev.pollux.net.Protocol;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.session.Message;
import dev.pollux.session.StreamingHandler;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Whatever an application throws while it is connected: it is told, and no connection is left. On
/// every I/O model.
@ParameterizedClass
@EnumSource(IoModel.class)
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class ClientFailureTest {
  private static final List<Throwable> THROWN =
      List.of(
          new UncheckedIOException(new IOException("a file")),
          new AssertionError("a bug"),
          new OutOfMemoryError("no memory"),
          new StackOverflowError(),
          new IOException("checked"));

  @Parameter IoModel model;

  private OwnResources before;
  private PolluxServer server;
  private PolluxClient client;

  /// One whose question before the session is made fails.
  private record Asked(Throwable with) implements StreamingHandler {
    @Override
    public void onPart(WebSocket ws, Message part, boolean last) {}

    @Override
    public int wholeUpToBytes() {
      return ClientFailureTest.<Integer>fail(with);
    }
  }

  private record FailsWhenOpened(Throwable with) implements Protocol {
    @Override
    public void onOpen(Connection connection) {
      ClientFailureTest.<Object>fail(with);
    }

    @Override
    public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {}
  }

  @SuppressWarnings("TypeParameterUnusedInFormals") // nothing is returned
  private static <T> T fail(Throwable with) {
    throw ClientFailureTest.<RuntimeException>sneaky(with);
  }

  @SuppressWarnings("unchecked") // the cast is none at run time, which is how it gets through
  private static <X extends Throwable> RuntimeException sneaky(Throwable thrown) throws X {
    throw (X) thrown;
  }

  @BeforeEach
  void start() throws IOException {
    before = OwnResources.now();
    server =
        Pollux.server()
            .io(IoModel.EPOLL)
            .loops(1)
            .webSocket(
                "/",
                new WebSocketHandler() {
                  @Override
                  public void onMessage(WebSocket ws, Message message) {
                    ws.send(message);
                  }
                })
            .start();
    client = PolluxClient.builder().io(model).start();
  }

  @AfterEach
  void theClientGoesOnAndNothingIsLeftBehind() throws Exception {
    Await.until("no connection", () -> client.statistics().engine().connections() == 0);
    Recorder recorder = new Recorder();
    client.connect(request(), recorder).get(120, TimeUnit.SECONDS).sendText("still here");
    assertEquals("open /?null null", recorder.next());
    assertEquals("text still here", recorder.next());
    client.close();
    server.close();
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  private ClientRequest request() {
    return ClientRequest.to("ws://127.0.0.1:" + server.address().getPort() + "/");
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return Objects.requireNonNull(
        assertThrows(ExecutionException.class, () -> future.get(120, TimeUnit.SECONDS)).getCause());
  }

  @Test
  void whatAHandlerThrowsBeforeItsSessionIsThereFailsTheFuture() {
    for (Throwable thrown : THROWN) {
      assertSame(thrown, failure(client.connect(request(), new Asked(thrown))));
    }
    assertEquals(0, client.statistics().sessions().opened());
  }

  @Test
  void whatAProtocolThrowsFailsTheFuture() {
    for (Throwable thrown : THROWN) {
      assertSame(
          thrown,
          failure(client.upgrade(request(), (_, _) -> ClientFailureTest.<Protocol>fail(thrown))));
      assertSame(thrown, failure(client.upgrade(request(), (_, _) -> new FailsWhenOpened(thrown))));
    }
  }

  @Test
  void noProtocolFailsTheFuture() {
    assertInstanceOf(
        NullPointerException.class, failure(client.upgrade(request(), (_, _) -> nothing())));
  }

  // What an application returns that is compiled without NullAway.
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  @Test
  void whatOnOpenThrowsIsTheSessionsAndTheFutureIsCompleted() throws Exception {
    for (Throwable thrown : THROWN) {
      CompletableFuture<String> closed = new CompletableFuture<>();
      CompletableFuture<WebSocket> outcome =
          client.connect(
              request(),
              new WebSocketHandler() {
                @Override
                public void onOpen(WebSocket ws) {
                  ClientFailureTest.<Object>fail(thrown);
                }

                @Override
                public void onClose(WebSocket ws, int code, String reason) {
                  closed.complete("closed");
                }
              });
      outcome.get(120, TimeUnit.SECONDS);
      assertEquals("closed", closed.get(120, TimeUnit.SECONDS));
    }
  }

  @Test
  void whatNobodyCanConnectToFailsTheFutureOnWhateverThread() {
    // No port, found when the address is; by name that is on a thread of its own.
    for (String host : new String[] {"127.0.0.1", "localhost"}) {
      assertInstanceOf(
          IllegalArgumentException.class,
          failure(client.connect(ClientRequest.to("ws://" + host + ":70000/"), new Recorder())));
    }
    ClientRequest nowhere =
        request().withRemoteAddress(InetSocketAddress.createUnresolved("a..b", 1));
    failure(client.connect(nowhere, new Recorder()));
  }
}
