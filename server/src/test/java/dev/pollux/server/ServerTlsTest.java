package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.net.tls.ClientAuthentication;
import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.session.WebSocket;
import dev.pollux.websocket.HttpException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What a server does with certificates, seen by the JDK's own TLS: names, clients' certificates,
/// files that change, and clients that are slow.
@ParameterizedClass
@EnumSource(names = {"EPOLL", "BLOCKING", "IO_URING", "VIRTUAL", "NIO"})
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class ServerTlsTest {
  // For all tests: a key takes time.
  private static final TlsIdentity ONE = identity("one.example", "localhost");
  private static final TlsIdentity TWO = identity("two.example", "*.two.example");
  private static final TlsIdentity CLIENT = identity("client.example");

  @Parameter IoModel model;

  @TempDir private Path folder;
  private Contract handler;
  private @Nullable PolluxServer server;
  private OwnResources before;

  private static TlsIdentity identity(String... names) {
    return TlsIdentity.selfSigned(List.of(names), Duration.ofDays(1));
  }

  @BeforeEach
  void count() {
    before = OwnResources.now();
    handler = new Contract();
  }

  @AfterEach
  void stopAndLeaveNothingBehind() {
    if (server != null) {
      server.stop(Duration.ofSeconds(2));
    }
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  private PolluxServer start(TlsOptions options, UnaryOperator<ServerBuilder> more)
      throws IOException {
    PolluxServer started =
        more.apply(Pollux.server())
            .io(model)
            .loops(1)
            .tls(options)
            .webSocket("/echo", handler)
            .engine(engine -> engine.withLinger(Duration.ofSeconds(1)))
            .start();
    server = started;
    return started;
  }

  private PolluxServer start(TlsOptions options) throws IOException {
    return start(options, builder -> builder);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String keyPem(TlsIdentity identity) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(identity.key().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  /// Writes beside the file and moves it there, as those do who renew certificates.
  private void replace(String name, String text) throws IOException {
    Path next = write(name + ".new", text);
    Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Who the server says that it is, to a client that asks for `host`, or for no name.
  private static X509Certificate shown(PolluxServer to, @Nullable String host, String version)
      throws IOException {
    SSLContext context = TrialTls.trusting(List.of(ONE, TWO), null);
    try (SSLSocket socket = connect(to, context)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setProtocols(new String[] {version});
      parameters.setServerNames(host == null ? List.of() : List.of(new SNIHostName(host)));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static SSLSocket connect(PolluxServer to, SSLContext context) throws IOException {
    InetSocketAddress address = to.address();
    Socket transport = new Socket(address.getAddress(), address.getPort());
    transport.setTcpNoDelay(true);
    transport.setSoTimeout(120_000);
    return (SSLSocket)
        context.getSocketFactory().createSocket(transport, null, address.getPort(), true);
  }

  @Test
  void theCertificateIsTheOneForTheNameThatIsAskedFor() throws Exception {
    PolluxServer started = start(TlsOptions.of(() -> ONE).withIdentity(() -> TWO));
    X509Certificate one = ONE.certificates().getFirst();
    X509Certificate two = TWO.certificates().getFirst();
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      assertEquals(one, shown(started, "one.example", version));
      assertEquals(two, shown(started, "two.example", version));
      assertEquals(two, shown(started, "TWO.example", version));
      assertEquals(two, shown(started, "any.two.example", version));
      // RFC 6125 §6.4.3: the wildcard stands for one label.
      assertEquals(one, shown(started, "a.b.two.example", version));
      assertEquals(one, shown(started, "other.example", version));
      assertEquals(one, shown(started, null, version));
    }
  }

  /// The answer to an opening handshake, or why there is none.
  private static String upgraded(PolluxServer to, SSLContext context, String version) {
    try (SSLSocket socket = connect(to, context)) {
      socket.setEnabledProtocols(new String[] {version});
      socket.getOutputStream().write(RawClient.handshake("/echo"));
      InputStream in = socket.getInputStream();
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = in.read(); b >= 0 && b != '\r'; b = in.read()) {
        line.write(b);
      }
      return line.toString(StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return "refused";
    }
  }

  @Test
  void aClientsCertificateIsNeededWantedOrNotAskedFor() throws Exception {
    Path authorities = write("clients.pem", CLIENT.pem());
    for (ClientAuthentication asked : ClientAuthentication.values()) {
      TlsOptions options = TlsOptions.of(() -> ONE).withClientAuthentication(asked, authorities);
      PolluxServer started = start(options);
      for (String version : List.of("TLSv1.3", "TLSv1.2")) {
        String good = "HTTP/1.1 101 Switching Protocols";
        handler.last = null;
        assertEquals(good, upgraded(started, TrialTls.trusting(List.of(ONE), CLIENT), version));
        Await.until("a WebSocket", () -> handler.last != null);
        Principal principal = Objects.requireNonNull(handler.last).principal();
        assertEquals(
            asked == ClientAuthentication.NONE ? "null" : "CN=client.example",
            String.valueOf(principal));
        handler.last = null;
        assertEquals(
            asked == ClientAuthentication.NEEDED ? "refused" : good,
            upgraded(started, TrialTls.trusting(List.of(ONE), null), version));
        // Somebody whom the authorities do not vouch for.
        assertEquals(
            asked == ClientAuthentication.NONE ? good : "refused",
            upgraded(started, TrialTls.trusting(List.of(ONE), TWO), version));
      }
      started.stop(Duration.ofSeconds(2));
    }
  }

  @Test
  void anAuthenticatorSeesTheCertificate() throws Exception {
    Path authorities = write("clients.pem", CLIENT.pem());
    TlsOptions options =
        TlsOptions.of(() -> ONE).withClientAuthentication(ClientAuthentication.WANTED, authorities);
    AtomicReference<List<X509Certificate>> seen = new AtomicReference<>();
    AtomicReference<Principal> before = new AtomicReference<>();
    PolluxServer started =
        start(
            options,
            builder ->
                builder.authenticate(request -> {
                  seen.set(request.peerCertificates());
                  before.set(request.principal());
                  if (request.peerCertificates().isEmpty()) {
                    throw new HttpException(401, "show a certificate");
                  }
                  return () -> "somebody else";
                }));
    assertEquals(
        "HTTP/1.1 401 Unauthorized",
        upgraded(started, TrialTls.trusting(List.of(ONE), null), "TLSv1.3"));
    assertEquals(
        "HTTP/1.1 101 Switching Protocols",
        upgraded(started, TrialTls.trusting(List.of(ONE), CLIENT), "TLSv1.3"));
    assertEquals(CLIENT.certificates(), seen.get());
    assertEquals("CN=client.example", String.valueOf(before.get()));
    Await.until("a WebSocket", () -> handler.last != null);
    Principal principal = Objects.requireNonNull(handler.last).principal();
    assertEquals("somebody else", Objects.requireNonNull(principal).getName());
  }

  @Test
  void filesThatChangeAreReadAgainAndOpenConnectionsGoOn() throws Exception {
    Path certificate = write("certificate.pem", ONE.pem());
    Path key = write("key.pem", keyPem(ONE));
    PolluxServer started =
        start(
            TlsOptions.files(certificate, key),
            builder -> builder.tlsReloadEvery(Duration.ofMillis(20)));
    try (RawClient open =
        new RawClient(started.address(), "/echo", 0, TrialTls.trusting(List.of(ONE, TWO), null))) {
      open.sendText("before");
      assertEquals("text before", open.read());
      assertEquals(ONE.certificates().getFirst(), shown(started, null, "TLSv1.3"));

      // The key does not belong to it yet: the old one stays.
      replace("certificate.pem", TWO.pem());
      for (int i = 0; i < 5; i++) {
        assertEquals(ONE.certificates().getFirst(), shown(started, null, "TLSv1.3"));
      }
      replace("key.pem", keyPem(TWO));
      Await.until(
          "the new certificate is shown",
          () -> {
            try {
              return shown(started, null, "TLSv1.3").equals(TWO.certificates().getFirst());
            } catch (IOException e) {
              return false;
            }
          });

      // Half a file, and none at all.
      replace("key.pem", keyPem(ONE).substring(0, 100));
      Files.delete(certificate);
      for (int i = 0; i < 5; i++) {
        assertEquals(TWO.certificates().getFirst(), shown(started, null, "TLSv1.3"));
      }
      open.sendText("after");
      assertEquals("text after", open.read());
    }
  }

  @Test
  void aClientThatIsSlowWithItsHandshakeIsCut() throws Exception {
    TlsOptions hasty = TlsOptions.of(() -> ONE).withHandshakeTimeout(Duration.ofMillis(100));
    PolluxServer started = start(hasty);
    byte[] halfOfARecord = {22, 3, 1, 1, 0, 1, 0, 0, (byte) 0xFC};
    List<Socket> sockets = new ArrayList<>();
    InetSocketAddress address = started.address();
    for (byte[] sent : List.of(new byte[0], new byte[] {22}, halfOfARecord)) {
      Socket socket = new Socket(address.getAddress(), address.getPort());
      socket.setSoTimeout(120_000);
      socket.getOutputStream().write(sent);
      sockets.add(socket);
    }
    for (Socket socket : sockets) {
      try (socket) {
        assertThrows(IOException.class, () -> requireMore(socket.getInputStream()));
      }
    }
    assertEquals(3, Objects.requireNonNull(started.tlsStatistics()).timeouts());
    Await.until(
        "no handshake is under way",
        () -> Objects.requireNonNull(started.tlsStatistics()).handshaking() == 0);
  }

  private static void requireMore(InputStream in) throws IOException {
    if (in.read() < 0) {
      throw new IOException("the end");
    }
  }

  @Test
  void theAddressOfAnOpenWebSocketIsStillTheClients() throws Exception {
    PolluxServer started = start(TlsOptions.of(() -> ONE));
    try (RawClient client =
        new RawClient(started.address(), "/echo", 0, TrialTls.trusting(List.of(ONE), null))) {
      Await.until("a WebSocket", () -> handler.last != null);
      WebSocket ws = Objects.requireNonNull(handler.last);
      assertNotNull(ws.remoteAddress());
      assertTrue(Objects.requireNonNull(ws.remoteAddress()).getAddress().isLoopbackAddress());
      client.sendText("hello");
      assertEquals("text hello", client.read());
    }
  }
}
