package dev.pollux.cli;

import dev.pollux.session.Message;
import dev.pollux.websocket.DeflateParameters;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Says what happens on a connection: messages to one place, all else to another.
final class ConnectOutput {
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
  private static final HexFormat PLAIN_HEX = HexFormat.of();

  private final Consumer<String> messages;
  private final Consumer<String> remarks;
  private final boolean json;
  private final boolean quiet;
  private final boolean terminal;

  /// @param json whether each event is a line of JSON, all among the messages
  /// @param quiet whether remarks are left out
  /// @param terminal whether messages go to a terminal: what could control it is then made visible
  ConnectOutput(
      Consumer<String> messages,
      Consumer<String> remarks,
      boolean json,
      boolean quiet,
      boolean terminal) {
    this.messages = messages;
    this.remarks = remarks;
    this.json = json;
    this.quiet = quiet;
    this.terminal = terminal;
  }

  /// @param compression what was agreed upon for permessage-deflate, or null
  void opened(String url, String subprotocol, @Nullable DeflateParameters compression) {
    String agreed = compression == null ? "" : compression.toExtension().toString();
    if (json) {
      messages.accept(
          event("open")
              .member("url", url)
              .member("subprotocol", subprotocol)
              .member("extensions", agreed)
              .end()
              .toString());
    } else {
      remark(
          "connected to "
              + url
              + (subprotocol.isEmpty() ? "" : ", subprotocol " + subprotocol)
              + (agreed.isEmpty() ? "" : ", " + agreed));
    }
  }

  void message(Message message) {
    if (message.isText()) {
      String text = message.text();
      messages.accept(json ? event("text").member("text", text).end().toString() : shown(text));
      return;
    }
    byte[] bytes = message.toByteArray();
    messages.accept(
        json
            ? event("binary").member("hex", PLAIN_HEX.formatHex(bytes)).end().toString()
            : "binary, %,d bytes: %s".formatted(bytes.length, HEX.formatHex(bytes)));
  }

  void pong(ByteBuffer data, long roundTripNanos) {
    byte[] bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    double millis = roundTripNanos / 1e6;
    if (json) {
      messages.accept(
          event("pong")
              .member("hex", PLAIN_HEX.formatHex(bytes))
              .member("millis", millis)
              .end()
              .toString());
    } else {
      remark("pong after %.3f ms".formatted(millis));
    }
  }

  void closed(int code, String reason) {
    if (json) {
      messages.accept(
          event("close").member("code", code).member("reason", reason).end().toString());
      return;
    }
    String meaning =
        switch (code) {
          case 1005 -> "closed without a code";
          case 1006 -> "the connection was lost";
          default -> "closed with " + code;
        };
    remark(meaning + (reason.isEmpty() ? "" : ": " + shown(reason)));
  }

  /// What is said about the connection.
  void remark(String sentence) {
    if (!quiet && !json) {
      remarks.accept(terminal ? "* " + sentence : "pollux connect: " + sentence);
    }
  }

  private static Json event(String type) {
    return new Json().object().member("type", type);
  }

  /// A server must not be able to move the cursor or change the title of a terminal.
  private String shown(String text) {
    if (!terminal) {
      return text;
    }
    StringBuilder visible = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (Character.isISOControl(c) && c != '\n' && c != '\t') {
            visible.append("\\u%04x".formatted(c));
          } else {
            visible.appendCodePoint(c);
          }
        });
    return visible.toString();
  }
}
