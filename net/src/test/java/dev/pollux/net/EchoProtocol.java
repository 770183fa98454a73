package dev.pollux.net;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/// Echoes bytes, waits for room when its peer does not read, and remembers what it was told.
class EchoProtocol implements Protocol {
  static final int HIGH_WATERMARK_BYTES = 64 * 1024;

  final CompletableFuture<Connection> opened = new CompletableFuture<>();
  final CompletableFuture<CloseReason> closed = new CompletableFuture<>();

  @Override
  public void onOpen(Connection connection) {
    opened.complete(connection);
  }

  @Override
  public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
    connection.write(buffer, offset, length);
    if (connection.pendingOutput() > HIGH_WATERMARK_BYTES) {
      connection.suspendReading();
    }
  }

  @Override
  public void onDrained(Connection connection) {
    if (connection.pendingOutput() <= HIGH_WATERMARK_BYTES / 4) {
      connection.resumeReading();
    }
  }

  @Override
  public void onClosed(Connection connection, CloseReason reason) {
    closed.complete(reason);
  }
}
