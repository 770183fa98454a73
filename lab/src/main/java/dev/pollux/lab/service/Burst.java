package dev.pollux.lab.service;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// A client that sends a lot at once and begins to read only then, so that the server's output
/// backs up: raw bytes, which the server sends back.
public final class Burst implements AutoCloseable {
  private static final int SMALL_BUFFER_BYTES = 16 * 1024;

  private static final Duration NOT_READING = Duration.ofMillis(100);

  private final WireClient client;

  private Burst(WireClient client) {
    this.client = client;
  }

  /// Connects.
  ///
  /// @param patience how long it waits for bytes before it gives up
  public static Burst raw(int port, Duration patience) throws IOException {
    Burst burst = new Burst(WireClient.raw(port, SMALL_BUFFER_BYTES));
    burst.client.patience((int) patience.toMillis());
    return burst;
  }

  /// Sends so many bytes, and reads them back from a while later on.
  ///
  /// @throws IOException if others come back, or none
  public void exchange(int bytes) throws IOException, InterruptedException {
    byte[] sent = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      sent[i] = (byte) ((i * 31) >>> 7);
    }
    // A thread of its own: a server that blocks in send does not receive meanwhile, and both sides
    // would wait for each other.
    FutureTask<@Nullable Void> sending =
        new FutureTask<>(() -> {
          client.send(sent, false);
          return null;
        });
    Thread.ofPlatform().daemon().name("burst").start(sending);
    Thread.sleep(NOT_READING);
    byte[] back = client.receive(bytes);
    try {
      sending.get();
    } catch (ExecutionException e) {
      throw new IOException("a burst of " + bytes + " bytes could not be sent", e.getCause());
    }
    if (!Arrays.equals(sent, back)) {
      throw new IOException("a burst of " + bytes + " bytes came back as others");
    }
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      // There was nothing to be written.
    }
  }
}
