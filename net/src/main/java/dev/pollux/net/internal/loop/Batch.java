package dev.pollux.net.internal.loop;

import org.jspecify.annotations.Nullable;

/// What a batch of events leaves to be done at its end: connections to read again, to flush, and to
/// finish.
public final class Batch {
  private ConnectionList flushList = new ConnectionList();
  private ConnectionList flushListSpare = new ConnectionList();
  private ConnectionList readList = new ConnectionList();
  private ConnectionList readListSpare = new ConnectionList();
  private final ConnectionList ended = new ConnectionList();

  /// Whose own event is being handled.
  private @Nullable BufferedConnection current;

  public boolean isEmpty() {
    return flushList.isEmpty() && readList.isEmpty() && ended.isEmpty();
  }

  /// The own event of `connection` (null: of somebody else) begins; returns whose event it
  /// interrupts.
  public @Nullable BufferedConnection enter(@Nullable BufferedConnection connection) {
    BufferedConnection before = current;
    current = connection;
    return before;
  }

  /// An own event is over.
  public void leave(@Nullable BufferedConnection before) {
    current = before;
  }

  /// The connection has output or another interest than before. Its own event takes care of that
  /// when it ends; else it is done at the end of the batch.
  public void noteChange(BufferedConnection connection) {
    if (!isOwnEvent(connection)) {
      listForFlush(connection);
    }
  }

  /// Whether it is an event of `connection` that is being handled.
  @SuppressWarnings("ReferenceEquality") // The very same connection is meant.
  public boolean isOwnEvent(BufferedConnection connection) {
    return connection == current;
  }

  public void listForFlush(BufferedConnection connection) {
    if (!connection.listedForFlush) {
      connection.listedForFlush = true;
      flushList.add(connection);
    }
  }

  public void listForRead(BufferedConnection connection) {
    readList.add(connection);
  }

  public void listEnded(BufferedConnection connection) {
    ended.add(connection);
  }

  public void readAgain() {
    if (readList.isEmpty()) {
      return;
    }
    ConnectionList now = readList;
    readList = readListSpare;
    int done = 0;
    try {
      while (done < now.size()) {
        BufferedConnection connection = now.get(done++);
        BufferedConnection before = enter(connection);
        try {
          connection.readAgain();
        } catch (Throwable t) {
          connection.fail(t);
        } finally {
          leave(before);
        }
      }
    } finally {
      readListSpare = emptied(now, done, readList);
    }
  }

  /// What is left of a list that was gone through as far as `done`, which is nothing unless that
  /// was broken off, has its turn with `others`; the list itself can be used again.
  private static ConnectionList emptied(ConnectionList list, int done, ConnectionList others) {
    for (int i = done; i < list.size(); i++) {
      others.add(list.get(i));
    }
    list.clear();
    return list;
  }

  public void flush() {
    if (flushList.isEmpty()) {
      return;
    }
    // What is written to while this goes on has its turn in the next round.
    ConnectionList now = flushList;
    flushList = flushListSpare;
    int done = 0;
    try {
      while (done < now.size()) {
        BufferedConnection connection = now.get(done++);
        try {
          connection.listedForFlush = false;
          connection.flush();
        } catch (Throwable t) {
          connection.fail(t);
        }
      }
    } finally {
      flushListSpare = emptied(now, done, flushList);
    }
  }

  public void finishEnded() {
    // The list may grow while it is gone through.
    for (int i = 0; i < ended.size(); i++) {
      ended.get(i).finish();
    }
    ended.clear();
  }
}
