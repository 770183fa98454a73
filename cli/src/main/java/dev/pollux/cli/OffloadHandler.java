package dev.pollux.cli;

import dev.pollux.server.UpgradeRequest;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.HttpException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// Answers each message after a blocking request to the [SlowBackend], by a thread that the answer
/// names: the WebSocket's own, or another one if `offload` is in the query.
///
/// On a loop the difference can be felt: `/offload` holds up every client of that loop,
/// `/offload?offload` nobody.
final class OffloadHandler implements WebSocketHandler {
  private static final int DEFAULT_DELAY_MILLIS = 500;
  private static final int EXCERPT_CHARS = 80;

  private final SlowBackend backend;
  private final int delayMillis;
  private final boolean away;

  private OffloadHandler(SlowBackend backend, int delayMillis, boolean away) {
    this.backend = backend;
    this.delayMillis = delayMillis;
    this.away = away;
  }

  /// The handler that the query asks for: `offload`, `delay=` milliseconds, both or none.
  ///
  /// @throws HttpException 400 if there is anything else in it
  static OffloadHandler of(SlowBackend backend, UpgradeRequest request) throws HttpException {
    String query = request.query();
    int delayMillis = DEFAULT_DELAY_MILLIS;
    boolean away = false;
    for (String part : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
      if (part.equals("offload")) {
        away = true;
      } else if (part.startsWith("delay=")) {
        delayMillis = delay(part.substring("delay=".length()));
      } else {
        throw new HttpException(400, "/offload knows ?offload and ?delay=MILLISECONDS only");
      }
    }
    return new OffloadHandler(backend, delayMillis, away);
  }

  @Override
  public void onMessage(WebSocket ws, Message message) {
    String excerpt = excerptOf(message);
    if (!away) {
      ws.sendText(excerpt + request("its own thread"));
    } else if (!ws.offload(
        () -> request("another thread"), answer -> ws.sendText(excerpt + answer))) {
      ws.sendText(excerpt + " not answered: too many others are being worked on");
    }
  }

  private static int delay(String text) throws HttpException {
    try {
      int millis = Integer.parseInt(text);
      if (millis >= 0 && millis <= SlowBackend.MAX_DELAY_MILLIS) {
        return millis;
      }
    } catch (NumberFormatException e) {
      // Refused below, as a number out of range is.
    }
    throw new HttpException(
        400, "delay must be from 0 to " + SlowBackend.MAX_DELAY_MILLIS + " milliseconds");
  }

  private String request(String whose) {
    long begin = System.nanoTime();
    try {
      backend.request(delayMillis);
    } catch (IOException e) {
      return " not answered: " + e.getMessage();
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    return " answered in " + millis + " ms by " + whose + ", " + Thread.currentThread().getName();
  }

  private static String excerptOf(Message message) {
    if (!message.isText()) {
      return message.length() + " bytes";
    }
    String text = message.text();
    int cut = Math.min(text.length(), EXCERPT_CHARS);
    if (cut < text.length() && Character.isHighSurrogate(text.charAt(cut - 1))) {
      cut--;
    }
    return "“" + text.substring(0, cut) + (cut < text.length() ? "…" : "") + "”";
  }
}
