package dev.pollux.cli;

import dev.pollux.session.SendStatus;
import dev.pollux.session.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/// What a person types: text messages, and commands that begin with a slash.
final class TerminalTalk {
  private static final List<String> HELP =
      List.of(
          "/ping [TEXT]            send a ping; the pong is told with its time",
          "/binary HEX             send a binary message: /binary 00 ff 10",
          "/close [CODE [REASON]]  close, by default with 1000",
          "/help                   this",
          "//...                   send a line that begins with one slash",
          "Ctrl-D, Ctrl-C          close with 1000");

  private final WebSocket ws;
  private final Terminal terminal;

  TerminalTalk(WebSocket ws, Terminal terminal) {
    this.ws = ws;
    this.terminal = terminal;
  }

  /// Returns when the connection has ended, or is about to.
  void run(Talk talk) {
    while (!talk.hasEnded()) {
      String line = terminal.readLine();
      if (line == null) {
        if (!talk.hasEnded()) {
          talk.close(ws, 1000, "");
        }
        return;
      }
      if (!carryOut(line, talk)) {
        return;
      }
    }
  }

  /// False after a close.
  private boolean carryOut(String line, Talk talk) {
    if (!line.startsWith("/") || line.startsWith("//")) {
      tell(talk, ws.sendText(line.startsWith("//") ? line.substring(1) : line));
      return true;
    }
    String[] words = line.substring(1).split("\\s+", 2);
    String rest = words.length > 1 ? words[1].strip() : "";
    try {
      switch (words[0]) {
        case "ping" -> talk.ping(ws, ByteBuffer.wrap(rest.getBytes(StandardCharsets.UTF_8)));
        case "binary" ->
            tell(talk, ws.sendBinary(HexFormat.of().parseHex(rest.replaceAll("[\\s:]", ""))));
        case "close" -> {
          String[] parts = rest.split("\\s+", 2);
          int code = parts[0].isEmpty() ? 1000 : Integer.parseInt(parts[0]);
          talk.close(ws, code, parts.length > 1 ? parts[1] : "");
          return false;
        }
        case "help" -> HELP.forEach(terminal::print);
        default -> terminal.print("* there is no /" + words[0] + "; /help lists what there is");
      }
    } catch (NumberFormatException e) {
      terminal.print("* a close code is a number: " + rest);
    } catch (IllegalArgumentException e) {
      terminal.print("* " + e.getMessage());
    }
    return true;
  }

  private static void tell(Talk talk, SendStatus status) {
    if (!status.isAccepted()) {
      talk.output().remark("not sent: " + status);
    }
  }
}
