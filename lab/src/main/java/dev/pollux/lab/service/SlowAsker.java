package dev.pollux.lab.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A client of `/slow`: asks for something that takes a while, and when it has come, asks again.
public final class SlowAsker implements AutoCloseable {
  private static final int LONGEST_ANSWER_MILLIS = 30_000;

  private final WireClient client;
  private final AtomicInteger answers = new AtomicInteger();
  private @Nullable Thread thread;
  private volatile boolean closing;
  private volatile @Nullable Exception failure;

  private SlowAsker(WireClient client) {
    this.client = client;
  }

  /// Begins to ask.
  ///
  /// @param target `/slow` or `/slow?away`
  /// @param delay how long an answer takes
  public static SlowAsker start(int port, String target, Duration delay) throws IOException {
    SlowAsker asker = new SlowAsker(WireClient.webSocket(port, target));
    asker.client.patience(LONGEST_ANSWER_MILLIS);
    asker.thread =
        Thread.ofPlatform().daemon().name("slow-asker").start(() -> asker.ask(delay.toMillis()));
    return asker;
  }

  private void ask(long delayMillis) {
    byte[] question = text(delayMillis);
    try {
      while (!closing) {
        client.send(question, true);
        client.receive(question.length);
        answers.incrementAndGet();
      }
    } catch (IOException e) {
      failure = closing ? null : e;
    }
  }

  /// Asks for several at once, away from the loop, without waiting in between, and returns the
  /// answers in the order in which they came.
  public static List<Long> answersTo(int port, List<Long> delaysMillis) throws IOException {
    try (WireClient client = WireClient.webSocket(port, "/slow?away")) {
      client.patience(LONGEST_ANSWER_MILLIS);
      for (long delay : delaysMillis) {
        client.send(text(delay), true);
      }
      List<Long> answers = new ArrayList<>();
      for (int i = 0; i < delaysMillis.size(); i++) {
        answers.add(Long.parseLong(new String(client.receive(0), StandardCharsets.US_ASCII)));
      }
      return answers;
    }
  }

  private static byte[] text(long delayMillis) {
    return Long.toString(delayMillis).getBytes(StandardCharsets.US_ASCII);
  }

  /// How many answers have come.
  ///
  /// @throws IOException if it could not go on asking
  public int answers() throws IOException {
    Exception why = failure;
    if (why != null) {
      throw new IOException("the client that asks for slow answers failed", why);
    }
    return answers.get();
  }

  @Override
  public void close() {
    closing = true;
    try {
      client.close();
      if (thread != null) {
        thread.join();
      }
    } catch (IOException e) {
      // There was nothing to be written.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
