package dev.pollux.net;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// Echoes what it receives, until it receives one of its orders. At the place that it is told of,
/// there is trouble.
final class TroubledProtocol implements Protocol {
  static final int TROUBLE = 1;
  static final int MUCH_OUTPUT = 2;
  static final int CLOSE = 3;
  private static final int MUCH_BYTES = 16 * 1024 * 1024;

  /// Where something may throw.
  enum Place {
    NOWHERE,
    ON_OPEN,
    ON_BYTES,
    ON_OPEN_OF_THE_NEXT,
    ON_FLUSH,
    ON_DRAINED,
    ON_TIMER,
    ON_END_OF_INPUT,
    ON_CLOSED,
    ENTRY,
    TASK,
    OWNERS_ENTRY,
    OWNERS_TIMER;

    /// Whether only the owner has this, and the connection goes on.
    boolean isTheOwners() {
      return this == OWNERS_ENTRY || this == OWNERS_TIMER;
    }
  }

  final CompletableFuture<Connection> opened = new CompletableFuture<>();
  final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
  final CompletableFuture<IOException> connectFailed = new CompletableFuture<>();
  final List<String> told = new CopyOnWriteArrayList<>();
  final Place place;
  private final Trouble trouble;

  /// Set by the order.
  private boolean due;

  TroubledProtocol(Place place, Trouble trouble) {
    this.place = place;
    this.trouble = trouble;
    this.due = place == Place.ON_OPEN;
  }

  Connection connection() throws Exception {
    return opened.get(20, TimeUnit.SECONDS);
  }

  private void troubleAt(Place here) {
    if (due && place == here) {
      trouble.happen();
    }
  }

  @Override
  public void onOpen(Connection connection) {
    told.add("open");
    opened.complete(connection);
    troubleAt(Place.ON_OPEN);
  }

  @Override
  public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
    // An order may come in one receive with what was sent before or after it.
    for (int i = offset; i < offset + length; i++) {
      switch (buffer.get(ValueLayout.JAVA_BYTE, i)) {
        case TROUBLE -> order(connection);
        case MUCH_OUTPUT ->
            connection.write(MemorySegment.ofArray(new byte[MUCH_BYTES]), 0, MUCH_BYTES);
        case CLOSE -> connection.close();
        default -> connection.write(buffer, i, 1);
      }
    }
  }

  private void order(Connection connection) {
    due = true;
    switch (place) {
      case ON_BYTES -> trouble.happen();
      case ON_OPEN_OF_THE_NEXT -> {
        Protocol next =
            new Protocol() {
              @Override
              public void onOpen(Connection handedOver) {
                trouble.happen();
              }

              @Override
              public void onBytes(Connection c, MemorySegment buffer, int offset, int length) {}

              @Override
              public void onClosed(Connection c, CloseReason reason) {
                TroubledProtocol.this.onClosed(c, reason);
              }
            };
        connection.handOver(next, MemorySegment.NULL, 0, 0);
      }
      case ON_FLUSH, ON_DRAINED -> connection.write(MemorySegment.ofArray(new byte[1]), 0, 1);
      case ON_TIMER -> connection.setTimer(1);
      case ON_CLOSED -> connection.abort();
      case OWNERS_TIMER -> connection.owner().schedule(1, trouble::happen);
      default -> {}
    }
  }

  @Override
  public void onFlush(Connection connection) {
    troubleAt(Place.ON_FLUSH);
  }

  @Override
  public void onDrained(Connection connection) {
    troubleAt(Place.ON_DRAINED);
  }

  @Override
  public void onTimer(Connection connection) {
    troubleAt(Place.ON_TIMER);
  }

  @Override
  public void onEndOfInput(Connection connection) {
    troubleAt(Place.ON_END_OF_INPUT);
    connection.close();
  }

  @Override
  public void onClosed(Connection connection, CloseReason reason) {
    told.add("closed");
    closed.complete(reason);
    troubleAt(Place.ON_CLOSED);
  }

  @Override
  public void onRefused(Connection connection, Refusal refusal) {
    connection.write(MemorySegment.ofArray(new byte[1]), 0, 1);
    trouble.happen();
  }

  @Override
  public void onConnectFailed(IOException cause) {
    told.add("connect failed");
    connectFailed.complete(cause);
    if (place == Place.ON_OPEN) {
      trouble.happen();
    }
  }
}
