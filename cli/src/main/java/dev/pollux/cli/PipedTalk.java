package dev.pollux.cli;

import dev.pollux.session.SendStatus;
import dev.pollux.session.WebSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Sends the lines of an input, then waits for the answers and closes.
final class PipedTalk {
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final WebSocket ws;
  private final InputStream input;
  private final Duration wait;
  private final boolean stay;

  /// @param wait how long it must be quiet after the end of the input before the close
  /// @param stay whether it is not closed at the end of the input
  PipedTalk(WebSocket ws, InputStream input, Duration wait, boolean stay) {
    this.ws = ws;
    this.input = input;
    this.wait = wait;
    this.stay = stay;
  }

  /// Returns when the connection has ended, or is about to.
  void run(Talk talk) throws InterruptedException {
    // A read of standard input can't be interrupted: when the connection ends first, the thread is
    // left alone.
    Thread sender = Thread.ofPlatform().daemon().name("input").start(() -> sendAll(talk));
    while (sender.isAlive()) {
      if (talk.awaitEnd(LOOK)) {
        return;
      }
    }
    long end = System.nanoTime();
    while (stay || Math.min(talk.quietNanos(), System.nanoTime() - end) < wait.toNanos()) {
      if (talk.awaitEnd(LOOK)) {
        return;
      }
    }
    talk.close(ws, 1000, "");
  }

  private void sendAll(Talk talk) {
    try (var lines = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine();
          line != null && !talk.hasEnded();
          line = lines.readLine()) {
        send(line, talk);
      }
    } catch (IOException e) {
      talk.output().remark("standard input can't be read: " + e.getMessage());
    }
  }

  /// Waits while too much is pending: nothing of the input is lost.
  private void send(String line, Talk talk) {
    SendStatus status = ws.sendText(line);
    while (status == SendStatus.DROPPED && !talk.hasEnded()) {
      LockSupport.parkNanos(AGAIN_NANOS);
      status = ws.sendText(line);
    }
    while (status == SendStatus.BACKPRESSURE && !talk.hasEnded() && ws.pendingOutput() > 0) {
      LockSupport.parkNanos(AGAIN_NANOS);
    }
  }
}
