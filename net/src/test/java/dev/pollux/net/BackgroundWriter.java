package dev.pollux.net;

import java.io.IOException;
import java.net.Socket;

/// Writes while somebody else reads: neither side's buffers hold much.
final class BackgroundWriter {
  private BackgroundWriter() {}

  /// A thread that writes all of `bytes`, and then ends.
  static Thread start(Socket socket, byte[] bytes) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            socket.getOutputStream().write(bytes);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }
}
