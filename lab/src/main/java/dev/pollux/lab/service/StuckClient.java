package dev.pollux.lab.service;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A client that sends and never reads what comes back, until everything between it and the server
/// is full: from then on the server can send it nothing more, and it sends no more itself.
public final class StuckClient implements AutoCloseable {
  private static final int MESSAGE_BYTES = 16 * 1024;
  private static final int SMALL_BUFFER_BYTES = 4 * 1024;
  private static final Duration STILL = Duration.ofMillis(250);
  private static final Duration LOOK = Duration.ofMillis(10);

  private final WireClient client;
  private final AtomicLong sentMessages = new AtomicLong();
  private @Nullable Thread sender;

  private StuckClient(WireClient client) {
    this.client = client;
  }

  /// A WebSocket of that path.
  public static StuckClient webSocket(int port, String target) throws IOException {
    StuckClient stuck = new StuckClient(WireClient.webSocket(port, target, SMALL_BUFFER_BYTES));
    stuck.sender = Thread.ofPlatform().daemon().name("stuck-client").start(stuck::sendForEver);
    return stuck;
  }

  /// A raw connection.
  public static StuckClient raw(int port) throws IOException {
    StuckClient stuck = new StuckClient(WireClient.raw(port));
    stuck.sender = Thread.ofPlatform().daemon().name("stuck-client").start(stuck::sendForEver);
    return stuck;
  }

  private void sendForEver() {
    byte[] message = new byte[MESSAGE_BYTES];
    try {
      while (true) {
        client.send(message, false);
        sentMessages.incrementAndGet();
      }
    } catch (IOException e) {
      // Closed by us, or by the server, which awaitStuck sees.
    }
  }

  /// Waits until it can send no more.
  ///
  /// @throws IOException if that does not happen in time, or the server has ended the connection
  public void awaitStuck(Duration patience) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    long stillSince = System.nanoTime();
    long before = -1;
    while (System.nanoTime() - stillSince < STILL.toNanos()) {
      long now = sentMessages.get();
      if (now != before) {
        before = now;
        stillSince = System.nanoTime();
      }
      if (sender == null || !sender.isAlive()) {
        throw new IOException(
            "the server has ended the connection of the client that reads nothing");
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the client that reads nothing could still send after " + patience);
      }
      Thread.sleep(LOOK);
    }
  }

  /// How many bytes it could send.
  public long sentBytes() {
    return sentMessages.get() * MESSAGE_BYTES;
  }

  @Override
  public void close() {
    try {
      client.close();
      if (sender != null) {
        sender.join();
      }
    } catch (IOException e) {
      // There was nothing to be written.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
