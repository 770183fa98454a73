package dev.pollux.fuzz;

import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.DeflateNegotiation;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpField;
import dev.pollux.websocket.HttpFields;
import dev.pollux.websocket.HttpRequest;
import dev.pollux.websocket.MemoryAccount;
import dev.pollux.websocket.ServerHandshake;
import dev.pollux.zlib.Zlib;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// `Sec-WebSocket-Extensions`: an offer is refused, declined or accepted within its bounds. What is
/// accepted can be written and read again.
public final class ExtensionParserTarget {

  private ExtensionParserTarget() {}

  public static void fuzzerTestOneInput(byte[] bytes) {
    List<HttpField> lines = new ArrayList<>();
    add(lines, "Host", "h");
    add(lines, "Upgrade", "websocket");
    add(lines, "Connection", "Upgrade");
    add(lines, "Sec-WebSocket-Version", "13");
    add(lines, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    // Each line of the input is a field line of its own.
    for (String line : new String(bytes, StandardCharsets.ISO_8859_1).split("\n", 4)) {
      // The parser of requests lets no other bytes pass.
      add(lines, "Sec-WebSocket-Extensions", line.replaceAll("[\\x00-\\x08\\x0a-\\x1f\\x7f]", ""));
    }
    ServerHandshake handshake;
    try {
      handshake =
          ServerHandshake.accept(new HttpRequest("GET", "/", new HttpFields(lines)), List.of());
    } catch (HttpException refused) {
      if (refused.status() != 400) {
        throw new IllegalStateException("refused with " + refused.status(), refused);
      }
      return;
    }
    try (var streams =
        new DeflateStreams(
            Zlib.compression(), CompressionOptions.DEFAULT, MemoryAccount.UNLIMITED)) {
      DeflateNegotiation.Accepted accepted = streams.accept(handshake.offeredExtensions());
      if (accepted != null) {
        requireWithinBounds(accepted.parameters());
        // Throws for what is no header field.
        handshake.response(List.of(accepted.answer())).head();
      }
    }
  }

  private static void add(List<HttpField> lines, String name, String value) {
    lines.add(new HttpField(name, value));
  }

  private static void requireWithinBounds(DeflateParameters parameters) {
    int server = parameters.serverMaxWindowBits();
    int client = parameters.clientMaxWindowBits();
    if (server < 9 || server > 15 || client < 8 || client > 15) {
      throw new IllegalStateException("agreed to " + parameters);
    }
  }
}
