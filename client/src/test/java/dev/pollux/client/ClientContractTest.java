package dev.pollux.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.HttpException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What the client does on every I/O model, against our own server on the same model.
@ParameterizedClass
@EnumSource(IoModel.class)
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class ClientContractTest {
  @Parameter IoModel model;

  private final AtomicReference<String> cookie = new AtomicReference<>("none");
  private OwnResources before;
  private PolluxServer server;
  private PolluxClient client;

  private static final class Echo implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      if (message.isText() && message.text().equals("/close")) {
        ws.close(4001, "as told");
      } else {
        ws.send(message);
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    before = OwnResources.now();
    Echo echo = new Echo();
    server =
        Pollux.server()
            .io(model)
            .loops(1)
            .engine(options -> options.withLinger(Duration.ofSeconds(1)))
            .webSocket("/echo", echo)
            .webSocket(
                "/chat",
                List.of("v2", "v1"),
                request -> {
                  cookie.set(Objects.requireNonNullElse(request.header("Cookie"), "none"));
                  return echo;
                })
            .webSocket(
                "/forbidden",
                request -> {
                  throw new HttpException(403, "not for you");
                })
            .start();
    client = PolluxClient.builder().io(model).stopGrace(Duration.ofSeconds(20)).start();
  }

  @AfterEach
  void stopAndLeaveNothingBehind() {
    client.close();
    server.close();
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  private URI uri(String path) {
    return URI.create("ws://127.0.0.1:" + server.address().getPort() + path);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(120, TimeUnit.SECONDS);
  }

  private static IOException failure(CompletableFuture<WebSocket> future) {
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> future.get(120, TimeUnit.SECONDS));
    return assertInstanceOf(IOException.class, e.getCause());
  }

  @Test
  void textBinaryAndEmptyMessagesComeBack() throws Exception {
    Recorder recorder = new Recorder();
    WebSocket ws = get(client.connect(uri("/echo?a=b"), recorder));
    assertEquals("open /echo?a=b null", recorder.next());
    ws.sendText("grüße €");
    assertEquals("text grüße €", recorder.next());
    byte[] binary = new byte[200_000];
    new Random(1).nextBytes(binary);
    ws.sendBinary(binary);
    assertEquals("binary 200000", recorder.next());
    assertArrayEquals(binary, recorder.binaries.getFirst());
    ws.sendBinary(new byte[0]);
    assertEquals("binary 0", recorder.next());
  }

  @Test
  void closeByTheClientIsAnsweredAndEndsTheConnection() throws Exception {
    Recorder recorder = new Recorder();
    WebSocket ws = get(client.connect(uri("/echo"), recorder));
    ws.close(4000, "enough");
    recorder.next();
    assertEquals("close 4000", recorder.next());
    Await.until("no connection", () -> client.statistics().engine().connections() == 0);
  }

  @Test
  void closeByTheServerIsTold() throws Exception {
    Recorder recorder = new Recorder();
    get(client.connect(uri("/echo"), recorder)).sendText("/close");
    recorder.next();
    assertEquals("close 4001 as told", recorder.next());
  }

  @Test
  void subprotocolAndHeadersAreSent() throws Exception {
    Recorder recorder = new Recorder();
    ClientRequest request =
        ClientRequest.to(uri("/chat")).withSubprotocols("v3", "v1").withHeader("Cookie", "id=7");
    WebSocket ws = get(client.connect(request, recorder));
    assertEquals("v1", ws.subprotocol());
    assertEquals("id=7", cookie.get());
  }

  @Test
  void aRefusalIsToldWithStatusAndWords() {
    IOException failure = failure(client.connect(uri("/forbidden"), new Recorder()));
    assertEquals(403, assertInstanceOf(HandshakeException.class, failure).status());
    assertEquals(
        uri("/forbidden") + ": the server answered 403 Forbidden instead of 101: not for you",
        failure.getMessage());
    assertEquals(
        404,
        assertInstanceOf(
                HandshakeException.class, failure(client.connect(uri("/none"), new Recorder())))
            .status());
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws Exception {
    int port = server.address().getPort();
    server.close();
    IOException failure =
        failure(client.connect(URI.create("ws://127.0.0.1:" + port), new Recorder()));
    assertEquals("connect 127.0.0.1:" + port + ": ECONNREFUSED", failure.getMessage());
  }

  @Test
  void aHostNameIsLookedUpAndEachOfItsAddressesTried() throws Exception {
    // localhost may be ::1 first, where the server does not listen.
    URI byName = URI.create("ws://localhost:" + server.address().getPort() + "/echo");
    Recorder recorder = new Recorder();
    get(client.connect(byName, recorder)).sendText("found");
    recorder.next();
    assertEquals("text found", recorder.next());
    IOException failure =
        failure(client.connect(URI.create("ws://no-such-host.invalid/"), new Recorder()));
    assertEquals(
        "ws://no-such-host.invalid/: unknown host 'no-such-host.invalid'", failure.getMessage());
  }

  @Test
  void theLocalAddressIsTheOneAskedFor() throws Exception {
    CompletableFuture<InetSocketAddress> from = new CompletableFuture<>();
    try (PolluxServer other =
        Pollux.server()
            .io(model)
            .loops(1)
            .webSocket(
                "/",
                request -> {
                  from.complete(Objects.requireNonNull(request.remoteAddress()));
                  return new Echo();
                })
            .start()) {
      ClientRequest request =
          ClientRequest.to("ws://127.0.0.1:" + other.address().getPort())
              .withLocalAddress(InetAddress.getByName("127.0.0.9"));
      get(client.connect(request, new Recorder())).close();
      assertEquals("127.0.0.9", get(from).getAddress().getHostAddress());
    }
  }

  @Test
  void manyConnectionsShareTheEngineAndEachGetsItsOwn() throws Exception {
    int count = 100;
    List<CompletableFuture<WebSocket>> opening = new ArrayList<>();
    List<Recorder> recorders = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      recorders.add(new Recorder());
      opening.add(client.connect(uri("/echo"), recorders.get(i)));
    }
    for (int i = 0; i < count; i++) {
      get(opening.get(i)).sendText("I am " + i);
    }
    for (int i = 0; i < count; i++) {
      recorders.get(i).next();
      assertEquals("text I am " + i, recorders.get(i).next());
    }
    assertEquals(count, client.statistics().sessions().open());
    // Counted when the bytes of one receive are worked off, a moment after the handler.
    Await.until("all are counted", () -> client.statistics().sessions().messagesIn() == count);
  }

  @Test
  void theEndOfTheClientClosesItsWebSocketsWith1001() throws Exception {
    Recorder recorder = new Recorder();
    get(client.connect(uri("/echo"), recorder));
    client.close();
    recorder.next();
    assertEquals("close 1001", recorder.next());
    IOException failure = failure(client.connect(uri("/echo"), new Recorder()));
    assertNotNull(failure.getMessage());
  }

  @Test
  void blockingWorkIsOffloadedAsOnTheServer() throws Exception {
    CompletableFuture<Thread> worker = new CompletableFuture<>();
    WebSocket ws = get(client.connect(uri("/echo"), new Recorder()));
    assertTrue(ws.offload(Thread::currentThread, worker::complete));
    assertTrue(get(worker).getName().startsWith("pollux-client-offload"));
  }
}
