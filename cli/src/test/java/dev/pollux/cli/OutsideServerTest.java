package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.client.ClientBuilder;
import dev.pollux.client.ClientRequest;
import dev.pollux.client.PolluxClient;
import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsClientOptions;
import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.session.Message;
import dev.pollux.session.MessageStream;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.CompressionOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Our client against a server of others: npm `ws`, without compression, with it, and with it over
/// TLS. Skipped without Node.js, unless `-Dpollux.outside=required`.
final class OutsideServerTest {
  private static final TlsIdentity IDENTITY =
      TlsIdentity.selfSigned(List.of("localhost", "127.0.0.1"), Duration.ofDays(1));

  @TempDir private Path folder;

  private static final class Heard implements WebSocketHandler {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    volatile byte[] lastBinary = {};

    @Override
    public void onMessage(WebSocket ws, Message message) {
      if (message.isText()) {
        events.add("text " + message.text());
      } else {
        lastBinary = message.toByteArray();
        events.add("binary " + message.length());
      }
    }

    @Override
    public void onPong(WebSocket ws, ByteBuffer data) {
      events.add("pong " + StandardCharsets.UTF_8.decode(data));
    }

    @Override
    public void onClose(WebSocket ws, int code, String reason) {
      events.add(("close " + code + " " + reason).strip());
    }

    String next() throws InterruptedException {
      return Objects.requireNonNullElse(
          events.poll(Talker.DEADLINE_SECONDS, TimeUnit.SECONDS), "nothing arrived");
    }
  }

  @ParameterizedTest
  @EnumSource
  void npmWsServesOurClient(IoModel model) throws Exception {
    NodeScript.require();
    try (NodeScript server = NodeScript.start(folder, "ws-server.mjs", "none")) {
      converse(server, model, "ws", CompressionOptions.DEFAULT, "");
    }
  }

  @ParameterizedTest
  @EnumSource
  void npmWsServesOurClientCompressed(IoModel model) throws Exception {
    NodeScript.require();
    CompressionOptions all = CompressionOptions.DEFAULT.withThresholdBytes(0);
    try (NodeScript server = NodeScript.start(folder, "ws-server.mjs", "no-takeover")) {
      converse(
          server,
          model,
          "ws",
          all,
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    }
    try (NodeScript server = NodeScript.start(folder, "ws-server.mjs", "takeover")) {
      converse(server, model, "ws", all.withContextTakeover(true, true), "permessage-deflate");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "BLOCKING", "IO_URING"})
  void npmWsServesOurClientOverTls(IoModel model) throws Exception {
    NodeScript.require();
    String certificate = write("certificate.pem", IDENTITY.pem()).toString();
    String key =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(IDENTITY.key().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    try (NodeScript server =
        NodeScript.start(
            folder, "ws-server.mjs", "takeover", certificate, write("key.pem", key).toString())) {
      String url =
          converse(
              server,
              model,
              "wss",
              CompressionOptions.DEFAULT.withContextTakeover(true, true).withThresholdBytes(0),
              "permessage-deflate");
      try (PolluxClient stranger = PolluxClient.builder().io(model).start()) {
        ExecutionException e =
            assertThrows(
                ExecutionException.class,
                () ->
                    stranger
                        .connect(ClientRequest.to(url), new Heard())
                        .get(Talker.DEADLINE_SECONDS, TimeUnit.SECONDS));
        assertTrue(e.toString().contains("vouched for by no authority"), e.toString());
      }
    }
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private PolluxClient client(IoModel model, CompressionOptions compression) throws IOException {
    ClientBuilder builder = PolluxClient.builder().io(model).compression(compression);
    return builder
        .tls(TlsClientOptions.defaults().withTrustFile(write("trusted.pem", IDENTITY.pem())))
        .start();
  }

  private String converse(
      NodeScript server,
      IoModel model,
      String scheme,
      CompressionOptions compression,
      String agreed)
      throws Exception {
    int port =
        ((Number) Objects.requireNonNull(JsonReader.object(server.line()).get("port"))).intValue();
    String url = scheme + "://127.0.0.1:" + port + "/";
    try (PolluxClient client = client(model, compression)) {
      Heard heard = new Heard();
      WebSocket ws = connect(client, url, heard);
      String found = ws.compression() == null ? "" : ws.compression().toExtension().toString();
      assertEquals(agreed, found);
      ws.sendText("/agreed");
      String name = agreed.isEmpty() ? "" : "permessage-deflate";
      assertEquals("text extensions '" + name + "' protocol 'v1'", heard.next());
      messages(ws, heard);
      parts(ws, heard);
      ws.ping(ByteBuffer.wrap("a ping".getBytes(StandardCharsets.UTF_8)));
      assertEquals("pong a ping", heard.next());
      ws.sendText("/ping");
      assertEquals("text pong are you there?", heard.next());
      ws.sendText("/close 4001 as told");
      assertEquals("close 4001 as told", heard.next());

      Heard closing = new Heard();
      connect(client, url, closing).close(3000, "enough");
      assertEquals("close 3000 enough", closing.next());

      Heard lost = new Heard();
      connect(client, url, lost).sendText("/end");
      assertEquals("close 1006", lost.next());
    }
    return url;
  }

  private static WebSocket connect(PolluxClient client, String url, Heard heard) throws Exception {
    return client
        .connect(ClientRequest.to(url).withSubprotocols("v2", "v1"), heard)
        .get(Talker.DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private static void messages(WebSocket ws, Heard heard) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String text = "hello, 세계 🌍 ".repeat(500);
    ws.sendText(text);
    assertEquals("text " + text, heard.next());
    ws.sendText("");
    assertEquals("text ", heard.next());
    for (int length : new int[] {0, 1, 125, 126, 65_535, 65_536, 1_000_000}) {
      byte[] noise = new byte[length];
      random.nextBytes(noise);
      ws.sendBinary(noise);
      assertEquals("binary " + length, heard.next(), "seed " + seed);
      assertArrayEquals(noise, heard.lastBinary, "seed " + seed);
    }
    ws.sendText("/large 1000000");
    assertEquals("binary 1000000", heard.next());
    for (int i = 0; i < 200; i++) {
      ws.sendText("message " + i);
    }
    for (int i = 0; i < 200; i++) {
      assertEquals("text message " + i, heard.next());
    }
  }

  private static void parts(WebSocket ws, Heard heard) throws Exception {
    MessageStream stream = ws.streamText();
    StringBuilder whole = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      String part = ("part " + i + " 🌍, ").repeat(100);
      whole.append(part);
      assertTrue(stream.send(part).isAccepted());
    }
    assertTrue(stream.finish().isAccepted());
    assertEquals("text " + whole, heard.next());
    ws.sendText("/fragments");
    StringBuilder expected = new StringBuilder("text ");
    for (int i = 0; i < 5; i++) {
      expected.append(("part " + i + ", ").repeat(1000));
    }
    assertEquals(expected.toString(), heard.next());
  }
}
