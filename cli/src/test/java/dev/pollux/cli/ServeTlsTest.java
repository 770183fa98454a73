package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.tls.TlsIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `serve` and `connect` with TLS, each in a process of its own, and OpenSSL between them.
final class ServeTlsTest {
  private static final int DEADLINE_SECONDS = Talker.DEADLINE_SECONDS;
  private static final TlsIdentity IDENTITY =
      TlsIdentity.selfSigned(List.of("localhost", "127.0.0.1"), Duration.ofDays(1));

  @TempDir private Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Path certificate() throws IOException {
    return write("certificate.pem", IDENTITY.pem());
  }

  private Path key() throws IOException {
    return write(
        "key.pem",
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(IDENTITY.key().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
  }

  /// The port out of `listening on wss://127.0.0.1:PORT io=...`.
  private static int port(ServeProcess server) throws Exception {
    String line = server.line();
    assertNotNull(line, server.err());
    assertTrue(line.startsWith("listening on wss://127.0.0.1:"), line);
    String page = server.line();
    assertNotNull(page);
    assertTrue(page.startsWith("open https://127.0.0.1:"), page);
    return Integer.parseInt(line.replaceAll(".*:([0-9]+) io=.*", "$1"));
  }

  /// What a process prints, given that input, and what it ends with.
  private String run(List<String> command, String input) throws Exception {
    Path out = Files.createTempFile(folder, "run", ".out");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      try (OutputStream typed = process.getOutputStream()) {
        typed.write(input.getBytes(StandardCharsets.UTF_8));
        typed.flush();
      }
      assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), "it does not end");
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(out) + "exit " + process.exitValue();
  }

  private String connect(List<String> jvmOptions, String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(jvmOptions);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Main.class.getName(),
            "connect",
            // On a busy machine the classes of TLS alone may take longer to load than the default.
            "--timeout",
            Integer.toString(DEADLINE_SECONDS),
            "--count",
            "1"));
    command.addAll(List.of(words));
    return run(command, "hello\n");
  }

  @Test
  void filesAreServedAndTrusted() throws Exception {
    String certificate = certificate().toString();
    try (ServeProcess server =
        new ServeProcess(
            folder,
            "serve",
            "--port",
            "0",
            "--tls-cert",
            certificate,
            "--tls-key",
            key().toString())) {
      int port = port(server);
      String url = "wss://localhost:" + port + "/echo";
      String said = connect(List.of(), url, "--tls-trust", certificate);
      assertTrue(said.contains("\nhello\n") && said.endsWith("exit 0"), said);
      assertTrue(said.contains("permessage-deflate"), said);

      String refused = connect(List.of(), url);
      assertTrue(refused.contains("vouched for by no authority that is trusted here"), refused);
      assertTrue(refused.endsWith("exit 1"), refused);
      String insecure = connect(List.of(), url, "--tls-insecure");
      assertTrue(insecure.endsWith("exit 0"), insecure);

      // The JDK's own trust store, as an administrator sets it.
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("server", IDENTITY.certificates().getFirst());
      Path file = folder.resolve("trust.p12");
      try (OutputStream out = Files.newOutputStream(file)) {
        store.store(out, "changeit".toCharArray());
      }
      String trusting =
          connect(
              List.of(
                  "-Djavax.net.ssl.trustStore=" + file,
                  "-Djavax.net.ssl.trustStorePassword=changeit"),
              url);
      assertTrue(trusting.endsWith("exit 0"), trusting);
      server.terminate();
      assertEquals(0, server.exitCode());
    }
  }

  @ParameterizedTest
  @CsvSource({"-tls1_3, TLSv1.3", "-tls1_2, TLSv1.2"})
  void openSslVerifiesAndTalks(String option, String version) throws Exception {
    Path openssl = Path.of("/usr/bin/openssl");
    NodeScript.require(Files.isExecutable(openssl), "there is no " + openssl);
    try (ServeProcess server =
        new ServeProcess(
            folder,
            "serve",
            "--port",
            "0",
            "--tls-cert",
            certificate().toString(),
            "--tls-key",
            key().toString())) {
      int port = port(server);
      // The page: an answer that ends its connection.
      String request = "GET / HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n";
      String said =
          run(
              List.of(
                  openssl.toString(),
                  "s_client",
                  "-connect",
                  "127.0.0.1:" + port,
                  "-servername",
                  "localhost",
                  "-verify_hostname",
                  "localhost",
                  "-verify_return_error",
                  "-CAfile",
                  certificate().toString(),
                  "-alpn",
                  "http/1.1",
                  "-ign_eof",
                  option),
              request);
      assertTrue(said.contains("Verification: OK"), said);
      assertTrue(said.contains("ALPN protocol: http/1.1"), said);
      assertTrue(said.contains(version), said);
      assertTrue(said.contains("HTTP/1.1 200 OK"), said);
      assertTrue(said.endsWith("exit 0"), said);
    }
  }

  @Test
  void aCertificateIsMadeOnTheSpot() throws Exception {
    try (ServeProcess server =
        new ServeProcess(folder, "serve", "--port", "0", "--tls-self-signed")) {
      String url = "wss://localhost:" + port(server) + "/echo";
      String said = connect(List.of(), url, "--tls-insecure");
      assertTrue(said.contains("\nhello\n") && said.endsWith("exit 0"), said);
    }
  }

  @Test
  void aClientShowsItsCertificate() throws Exception {
    TlsIdentity client = TlsIdentity.selfSigned(List.of("client.example"), Duration.ofDays(1));
    String clients = write("clients.pem", client.pem()).toString();
    String clientKey =
        write(
                "client-key.pem",
                "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder().encodeToString(client.key().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n")
            .toString();
    String certificate = certificate().toString();
    try (ServeProcess server =
        new ServeProcess(
            folder,
            "serve",
            "--port",
            "0",
            "--tls-cert",
            certificate,
            "--tls-key",
            key().toString(),
            "--tls-client-ca",
            clients)) {
      String url = "wss://localhost:" + port(server) + "/echo";
      String refused = connect(List.of(), url, "--tls-trust", certificate);
      assertTrue(refused.contains("the alert certificate_required"), refused);
      assertTrue(refused.endsWith("exit 1"), refused);
      String shown =
          connect(
              List.of(),
              url,
              "--tls-trust",
              certificate,
              "--tls-cert",
              clients,
              "--tls-key",
              clientKey);
      assertTrue(shown.contains("\nhello\n") && shown.endsWith("exit 0"), shown);
    }
  }

  @Test
  void filesThatCantBeUsedAreNamed() throws Exception {
    String key = key().toString();
    String missing = folder.resolve("missing.pem").toString();
    Invocation serve =
        Invocation.of("serve", "--port", "0", "--tls-cert", missing, "--tls-key", key);
    assertEquals(1, serve.exitCode());
    assertTrue(serve.err().contains("there is no file " + missing), serve.err());
    Invocation swapped = Invocation.of("serve", "--port", "0", "--tls-cert", key, "--tls-key", key);
    assertEquals(1, swapped.exitCode());
    assertTrue(swapped.err().contains(key + " has no certificate"), swapped.err());
    Invocation connect = Invocation.of("connect", "wss://127.0.0.1:1/", "--tls-trust", missing);
    assertEquals(1, connect.exitCode());
    assertTrue(connect.err().contains("there is no file " + missing), connect.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          serve --tls-cert a.pem                    | each certificate needs its key
          serve --tls-cert a --tls-key b --tls-self-signed | exclude each other
          serve --tls-client-ca a.pem               | need --tls-cert or --tls-self-signed
          serve --tls-self-signed --tls-client-optional | needs --tls-client-ca
          connect wss://h/ --tls-cert a.pem         | --tls-cert and --tls-key belong together
          connect ws://h/ --tls-insecure            | the --tls- options are for wss:
          load ws://h/ --tls-trust a.pem            | the --tls- options are for wss:
          """)
  void wordsThatDoNotFitTogetherAreNamed(String words, String sentence) {
    Invocation wrong = Invocation.of(words.split(" "));
    assertEquals(2, wrong.exitCode(), wrong.err());
    assertTrue(wrong.err().contains(sentence), wrong.err());
  }

  @Test
  void aLoadSpeaksTls() throws Exception {
    String certificate = certificate().toString();
    try (ServeProcess server =
        new ServeProcess(
            folder,
            "serve",
            "--port",
            "0",
            "--tls-cert",
            certificate,
            "--tls-key",
            key().toString())) {
      Invocation load =
          Invocation.of(
              "load",
              "wss://127.0.0.1:" + port(server) + "/echo",
              "--tls-trust",
              certificate,
              "--connections",
              "10",
              "--warmup",
              "0.1",
              "--duration",
              "0.2",
              "--quiet",
              "--json");
      assertEquals(0, load.exitCode(), load.err());
      Object messages = JsonReader.object(load.out().strip()).get("messages");
      assertTrue(messages instanceof Number number && number.longValue() > 0, load.out());
    }
  }
}
