package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.session.Message;
import dev.pollux.session.MessageStream;
import dev.pollux.session.SendStatus;
import dev.pollux.session.StreamingHandler;
import dev.pollux.session.WebSocket;
import dev.pollux.websocket.WebSocketLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Messages of up to 16 MiB and of 65,536 fragments with the limits raised, and longer ones in
/// parts, on every I/O model.
@ParameterizedClass
@EnumSource(IoModel.class)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class LargeMessagesTest {
  private static final int MEBIBYTE = 1 << 20;

  /// Sends back what comes in parts, part by part, as fast as the client takes it.
  private static final class PartsEcho implements StreamingHandler {
    private @Nullable MessageStream out;

    @Override
    public int wholeUpToBytes() {
      return 1000;
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      ws.sendText("whole " + message.length());
    }

    @Override
    public void onPart(WebSocket ws, Message part, boolean last) {
      MessageStream stream = out;
      if (stream == null) {
        stream = part.isText() ? ws.streamText() : ws.streamBinary();
        out = stream;
      }
      // Reading pauses above the high watermark, so that nothing is dropped.
      require(part.isText() ? stream.send(part.text()) : stream.send(part.bytes()));
      if (last) {
        require(stream.finish());
        out = null;
      }
    }

    private static void require(SendStatus status) {
      if (!status.isAccepted()) {
        throw new IllegalStateException("a part was " + status);
      }
    }
  }

  @Parameter IoModel model;

  private Contract handler;
  private final Semaphore drained = new Semaphore(0);
  private PolluxServer server;

  @BeforeEach
  void start() throws IOException {
    handler =
        new Contract() {
          @Override
          public void onDrain(WebSocket ws) {
            drained.release();
          }
        };
    server =
        Pollux.server()
            .io(model)
            .loops(1)
            .limits(
                WebSocketLimits.defaults()
                    .withMaxMessageBytes(16 * MEBIBYTE)
                    .withMaxFrameBytes(16 * MEBIBYTE)
                    .withMaxFragments(70_000))
            .webSocket("/echo", handler)
            .webSocket("/parts", request -> new PartsEcho())
            .start();
  }

  @AfterEach
  void stop() {
    server.stop(Duration.ofMillis(500));
    assertEquals(0, server.statistics().sessions().dropped());
    assertEquals(0, server.statistics().sessions().handlerFailures());
  }

  private RawClient connect(String path) throws IOException {
    return new RawClient(server.address(), path);
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] fragments(int opcode, byte[] message, int fragmentBytes) {
    var all = new ByteArrayOutputStream();
    for (int at = 0; at < message.length; at += fragmentBytes) {
      int end = Math.min(at + fragmentBytes, message.length);
      int first = (at == 0 ? opcode : 0) | (end == message.length ? 0x80 : 0);
      all.writeBytes(RawClient.frame(first, Arrays.copyOfRange(message, at, end)));
    }
    return all.toByteArray();
  }

  private static void assertEchoed(RawClient client, byte[] sent, byte[] message) throws Exception {
    Thread writer = client.writeElsewhere(sent);
    client.read();
    assertArrayEquals(message, client.lastPayload());
    writer.join();
  }

  @Test
  void messagesOfUpTo16MebibyteAreEchoed() throws Exception {
    try (RawClient client = connect("/echo")) {
      for (int length : new int[] {MEBIBYTE, 4 * MEBIBYTE, 16 * MEBIBYTE}) {
        byte[] message = random(length, length);
        assertEchoed(client, RawClient.frame(0x82, message), message);
      }
      byte[] text = "€uro ".repeat(16 * MEBIBYTE / 7).getBytes(StandardCharsets.UTF_8);
      assertEchoed(client, RawClient.frame(0x81, text), text);
      client.write(RawClient.frame(0x82, new byte[16 * MEBIBYTE + 1]));
      assertTrue(client.read().startsWith("close 1009"));
    }
  }

  @Test
  void messagesOf65536FragmentsAreEchoed() throws Exception {
    byte[] message = random(4 * MEBIBYTE, 1);
    try (RawClient client = connect("/echo")) {
      assertEchoed(client, fragments(2, message, 64), message);
      assertEchoed(client, fragments(2, message, 1300), message);
      byte[] octets = Arrays.copyOf(message, 65_536);
      assertEchoed(client, fragments(2, octets, 1), octets);
    }
  }

  @Test
  void aThousandMessagesOfEachSizeAreEchoedInTurn() throws Exception {
    try (RawClient client = connect("/echo")) {
      for (int length : new int[] {0, 16, 1024, 16_384}) {
        byte[] frame = RawClient.frame(0x82, new byte[length]);
        for (int i = 0; i < 250; i++) {
          client.write(frame);
          assertEquals("binary " + length, client.read());
        }
      }
    }
  }

  /// The whole payload of a message that comes in frames, and the pongs that come in between.
  private static byte[] readFragments(RawClient client, List<String> pongs) throws IOException {
    var message = new ByteArrayOutputStream();
    while (true) {
      String frame = client.read();
      if (frame.startsWith("pong")) {
        pongs.add(frame);
        continue;
      }
      message.writeBytes(client.lastPayload());
      // A frame of the message without FIN is read as "frame 1", "frame 2" or "frame 0".
      if (!frame.matches("frame [012]")) {
        assertEquals("frame 80", frame);
        return message.toByteArray();
      }
    }
  }

  @Test
  void aMessageLongerThanAnyLimitIsStreamedBothWays() throws Exception {
    byte[] message = random(24 * MEBIBYTE, 3);
    byte[] text = "€uro ".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    try (RawClient client = connect("/parts")) {
      client.sendText("short");
      assertEquals("text whole 5", client.read());
      var pongs = new java.util.ArrayList<String>();
      Thread writer = client.writeElsewhere(fragments(2, message, 60_000));
      assertArrayEquals(message, readFragments(client, pongs));
      writer.join();
      writer = client.writeElsewhere(fragments(1, text, 999));
      assertArrayEquals(text, readFragments(client, pongs));
      writer.join();
      client.sendText("short again");
      assertEquals("text whole 11", client.read());
    }
    assertEquals(4, server.statistics().sessions().messagesIn());
  }

  @Test
  void anotherThreadStreamsAsFastAsTheClientReads() throws Exception {
    byte[] message = random(8 * MEBIBYTE, 4);
    try (RawClient client = connect("/echo")) {
      Await.until("a WebSocket", () -> handler.last != null);
      WebSocket ws = Objects.requireNonNull(handler.last);
      Thread sender = Thread.ofPlatform().start(() -> stream(ws, message));
      client.write(RawClient.frame(0x89, new byte[] {'?'}));
      client.sendText("whole");
      var pongs = new java.util.ArrayList<String>();
      List<String> others = pongs;
      byte[] first = null;
      while (first == null) {
        String frame = client.read();
        if (frame.equals("text whole") || frame.startsWith("pong")) {
          // Before the stream began, or between its frames.
          others.add(frame);
        } else {
          assertEquals("frame 2", frame);
          first = client.lastPayload();
        }
      }
      var all = new ByteArrayOutputStream();
      all.writeBytes(first);
      all.writeBytes(readFragments(client, pongs));
      assertArrayEquals(message, all.toByteArray());
      sender.join();
      client.sendText("end");
      for (String frame = client.read(); !frame.equals("text end"); frame = client.read()) {
        others.add(frame);
      }
      assertEquals(List.of("pong ?", "text whole"), others.stream().sorted().toList());
    }
  }

  private void stream(WebSocket ws, byte[] message) {
    MessageStream stream = ws.streamBinary();
    for (int at = 0; at < message.length; ) {
      int length = Math.min(32_000, message.length - at);
      SendStatus status = stream.send(ByteBuffer.wrap(message, at, length));
      at += status.isAccepted() ? length : 0;
      if (status != SendStatus.ACCEPTED) {
        awaitDrain();
      }
    }
    while (!stream.finish().isAccepted()) {
      awaitDrain();
    }
  }

  private void awaitDrain() {
    try {
      // A drain may have been told before the send returned.
      drained.tryAcquire(20, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
