package dev.pollux.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.net.tls.ClientAuthentication;
import dev.pollux.net.tls.TlsClientOptions;
import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.server.ServerBuilder;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.CompressionOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// `wss` from the client's side, on every I/O model: whom it trusts, which name it asks for and
/// finds, and what it says of servers that it refuses.
@ParameterizedClass
@EnumSource(IoModel.class)
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class ClientTlsTest {
  // For all tests: a key takes time.
  private static final TlsIdentity ONE = identity("one.example", "localhost");
  private static final TlsIdentity TWO = identity("two.example");
  private static final TlsIdentity CLIENT = identity("client.example");

  @Parameter IoModel model;

  @TempDir private Path folder;
  private OwnResources before;
  private final List<AutoCloseable> opened = new ArrayList<>();

  private static TlsIdentity identity(String... names) {
    return TlsIdentity.selfSigned(List.of(names), Duration.ofDays(1));
  }

  @BeforeEach
  void count() {
    before = OwnResources.now();
  }

  @AfterEach
  void stopAndLeaveNothingBehind() throws Exception {
    Collections.reverse(opened);
    for (AutoCloseable resource : opened) {
      resource.close();
    }
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  private static final class Echo implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      ws.send(message);
    }
  }

  private InetSocketAddress serve(UnaryOperator<ServerBuilder> change) throws IOException {
    PolluxServer server =
        change
            .apply(Pollux.server())
            .io(model)
            .loops(1)
            .engine(options -> options.withLinger(Duration.ofSeconds(1)))
            .webSocket("/", new Echo())
            .start();
    opened.add(server);
    return server.address();
  }

  private InetSocketAddress serve(TlsOptions tls) throws IOException {
    return serve(server -> server.tls(tls).compression(CompressionOptions.DEFAULT));
  }

  private PolluxClient client(TlsClientOptions tls) throws IOException {
    PolluxClient client =
        PolluxClient.builder().io(model).tls(tls).stopGrace(Duration.ofSeconds(20)).start();
    opened.add(client);
    return client;
  }

  private Path trusting(TlsIdentity... identities) throws IOException {
    StringBuilder pem = new StringBuilder("Text around the blocks is left out.\n");
    for (TlsIdentity identity : identities) {
      pem.append(identity.pem());
    }
    return Files.writeString(Files.createTempFile(folder, "trust", ".pem"), pem);
  }

  /// A request for a host of that name, which is where the server is.
  private static ClientRequest request(String host, InetSocketAddress server) {
    return ClientRequest.to("wss://" + host + ":" + server.getPort() + "/")
        .withRemoteAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()));
  }

  private static void assertEchoes(PolluxClient client, ClientRequest request) throws Exception {
    Recorder recorder = new Recorder();
    WebSocket ws = client.connect(request, recorder).get(120, TimeUnit.SECONDS);
    recorder.next();
    ws.sendText("grüße €");
    assertEquals("text grüße €", recorder.next());
    byte[] binary = new byte[300_000];
    new Random(1).nextBytes(binary);
    ws.sendBinary(binary);
    assertEquals("binary 300000", recorder.next());
    assertArrayEquals(binary, recorder.binaries.getFirst());
    ws.close(1000, "");
    assertEquals("close 1000", recorder.next());
  }

  private static String handshake(InetSocketAddress server) {
    return "TLS handshake with 127.0.0.1:" + server.getPort() + ": ";
  }

  private static String failure(PolluxClient client, ClientRequest request) {
    Recorder recorder = new Recorder();
    ExecutionException e =
        assertThrows(
            ExecutionException.class,
            () -> client.connect(request, recorder).get(120, TimeUnit.SECONDS));
    assertEquals(0, recorder.events.size(), "the handler hears nothing");
    return String.valueOf(assertInstanceOf(IOException.class, e.getCause()).getMessage());
  }

  @Test
  void aServerIsTrustedByTheFileAndCompressesToo() throws Exception {
    InetSocketAddress server = serve(TlsOptions.of(() -> ONE));
    PolluxClient client = client(TlsClientOptions.defaults().withTrustFile(trusting(ONE)));
    assertEchoes(client, request("localhost", server));
    Recorder recorder = new Recorder();
    WebSocket ws =
        client.connect(request("one.example", server), recorder).get(120, TimeUnit.SECONDS);
    assertTrue(ws.compression() != null, "permessage-deflate inside TLS");
  }

  @Test
  void aServerThatNobodyVouchesForIsRefused() throws Exception {
    InetSocketAddress server = serve(TlsOptions.of(() -> ONE));
    for (TlsClientOptions options :
        List.of(
            TlsClientOptions.defaults(),
            TlsClientOptions.defaults().withTrustFile(trusting(TWO)))) {
      assertEquals(
          handshake(server)
              + "the peer's certificate is vouched for by no authority that is trusted here"
              + " (unable to find valid certification path to requested target)",
          failure(client(options), request("localhost", server)));
    }
  }

  @Test
  void aCertificateForAnotherNameIsRefused() throws Exception {
    InetSocketAddress server = serve(TlsOptions.of(() -> ONE));
    PolluxClient client = client(TlsClientOptions.defaults().withTrustFile(trusting(ONE)));
    assertEquals(
        handshake(server)
            + "the certificate is for another name: No subject alternative DNS name matching"
            + " other.example found.",
        failure(client, request("other.example", server)));
    assertEquals(
        handshake(server)
            + "the certificate is for another name: No subject alternative names matching IP"
            + " address 127.0.0.1 found",
        failure(client, request("127.0.0.1", server)));
  }

  @Test
  void theNameToFindCanBeSaid() throws Exception {
    InetSocketAddress server = serve(TlsOptions.of(() -> ONE));
    TlsClientOptions options = TlsClientOptions.defaults().withTrustFile(trusting(ONE));
    assertEchoes(client(options.withServerName("one.example")), request("127.0.0.1", server));
  }

  @Test
  void whoAsksForAnybodyGetsAnybody() throws Exception {
    InetSocketAddress server = serve(TlsOptions.of(() -> ONE));
    PolluxClient client = client(TlsClientOptions.defaults().withInsecure(true));
    assertEchoes(client, request("127.0.0.1", server));
  }

  /// RFC 6066 §3. Only the certificate for the name passes the check of the name.
  @Test
  void theNameIsAskedFor() throws Exception {
    InetSocketAddress server = serve(TlsOptions.of(() -> ONE).withIdentity(() -> TWO));
    PolluxClient client = client(TlsClientOptions.defaults().withTrustFile(trusting(ONE, TWO)));
    assertEchoes(client, request("two.example", server));
    assertEchoes(client, request("one.example", server));
  }

  @Test
  void aCertificateIsShownToAServerThatAsksForOne() throws Exception {
    TlsOptions needed =
        TlsOptions.of(() -> ONE)
            .withClientAuthentication(ClientAuthentication.NEEDED, trusting(CLIENT));
    InetSocketAddress server = serve(needed);
    TlsClientOptions trusting = TlsClientOptions.defaults().withTrustFile(trusting(ONE));
    assertEchoes(client(trusting.withIdentity(() -> CLIENT)), request("localhost", server));
    ClientRequest request = request("localhost", server);
    String refused =
        request
            + ": the connection ended before the server's answer was complete (the peer refused,"
            + " with the alert ";
    assertEquals(refused + "certificate_required)", failure(client(trusting), request));
    assertEquals(
        refused + "certificate_unknown)",
        failure(client(trusting.withIdentity(() -> TWO)), request));
  }

  @Test
  void bothVersionsAreSpoken() throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      InetSocketAddress server = serve(TlsOptions.of(() -> ONE).withVersions(List.of(version)));
      assertEchoes(
          client(TlsClientOptions.defaults().withTrustFile(trusting(ONE))),
          request("localhost", server));
    }
  }

  @Test
  void versionsThatDoNotMeetAreTold() throws Exception {
    InetSocketAddress server = serve(TlsOptions.of(() -> ONE).withVersions(List.of("TLSv1.3")));
    TlsClientOptions old =
        TlsClientOptions.defaults().withTrustFile(trusting(ONE)).withVersions(List.of("TLSv1.2"));
    assertEquals(
        handshake(server) + "the peer refused, with the alert protocol_version",
        failure(client(old), request("localhost", server)));
  }

  @Test
  void aServerInClearIsTold() throws Exception {
    InetSocketAddress server = serve(builder -> builder);
    TlsClientOptions trusting = TlsClientOptions.defaults().withTrustFile(trusting(ONE));
    assertEquals(
        handshake(server) + "the peer does not speak TLS",
        failure(client(trusting), request("localhost", server)));
  }

  @Test
  void aServerThatSpeaksTlsTellsWhoeverDoesNot() throws Exception {
    InetSocketAddress server = serve(TlsOptions.of(() -> ONE));
    ClientRequest clear = ClientRequest.to("ws://localhost:" + server.getPort() + "/");
    assertEquals(
        clear
            + ": the server answered 400 Bad Request instead of 101: this port speaks TLS: use"
            + " wss:// or https://",
        failure(client(TlsClientOptions.defaults()), clear));
  }

  @Test
  void aServerThatSaysNothingIsGivenUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      TlsClientOptions hasty =
          TlsClientOptions.defaults().withHandshakeTimeout(Duration.ofMillis(100));
      InetSocketAddress server = (InetSocketAddress) silent.getLocalSocketAddress();
      assertEquals(
          handshake(server) + "the handshake took too long",
          failure(client(hasty), request("localhost", server)));
      try (Socket accepted = silent.accept()) {
        assertTrue(accepted.getInputStream().read() >= 0, "a ClientHello came");
      }
    }
  }

  @Test
  void aDamagedTrustFileIsNamed() throws Exception {
    InetSocketAddress server = serve(TlsOptions.of(() -> ONE));
    Path damaged = folder.resolve("damaged.pem");
    Files.writeString(damaged, ONE.pem().replace("MII", "AAA"));
    Path missing = folder.resolve("missing.pem");
    for (Path file : List.of(damaged, missing)) {
      TlsClientOptions options = TlsClientOptions.defaults().withTrustFile(file);
      String failure = failure(client(options), request("localhost", server));
      assertTrue(failure.contains(file.toString()), failure);
    }
  }
}
