package dev.pollux.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The sessions that are open, in shelves of places, each with its lock: a reference, an int and a
/// byte per session, and up to half as many places more. Any thread.
///
/// The order matters, because a broadcast goes through it and the kernel touches both sockets of a
/// connection for each of its sends. Those that were opened one after the other by one thread stand
/// side by side, as their sockets are likely to do in the kernel's memory; and who comes next takes
/// the place that was left last, as the kernel's allocators do. In an order by chance a delivery to
/// one of 5,000 sessions has cost the server a sixth to a third more CPU time.
final class SessionRegister {
  /// A power of two. Loops, whose threads are numbered one after the other, seldom share a shelf.
  private static final int SHELVES = 16;

  private final Shelf[] shelves = new Shelf[SHELVES];

  SessionRegister() {
    Arrays.setAll(shelves, number -> new Shelf());
  }

  /// By the thread that opened it.
  void add(WebSocketSession session) {
    int shelf = (int) Thread.currentThread().threadId() & (SHELVES - 1);
    session.shelfInRegister = (byte) shelf;
    shelves[shelf].add(session);
  }

  /// Once for each that was added, by any thread.
  void remove(WebSocketSession session) {
    shelves[session.shelfInRegister].remove(session);
  }

  /// Those that are open now.
  List<WebSocketSession> snapshot() {
    List<WebSocketSession> sessions = new ArrayList<>();
    for (Shelf shelf : shelves) {
      shelf.copyTo(sessions);
    }
    return sessions;
  }

  private static final class Shelf {
    private static final int FEWEST_PLACES = 16;

    private @Nullable WebSocketSession[] places = new WebSocketSession[0];

    /// Places from which on none is taken.
    private int end;

    /// Empty places before the end, the one that was left last on top.
    private int[] holes = new int[0];

    private int holeCount;

    synchronized void add(WebSocketSession session) {
      int place = holeCount > 0 ? holes[--holeCount] : end++;
      if (place == places.length) {
        places = Arrays.copyOf(places, roomFor(end));
      }
      places[place] = session;
      session.placeInRegister = place;
    }

    synchronized void remove(WebSocketSession session) {
      int place = session.placeInRegister;
      places[place] = null;
      if (holeCount == holes.length) {
        holes = Arrays.copyOf(holes, roomFor(holeCount + 1));
      }
      holes[holeCount++] = place;
      if (holeCount > end / 2 && end > FEWEST_PLACES) {
        closeRanks();
      } else if (holeCount == end) {
        end = 0;
        holeCount = 0;
      }
    }

    /// So that a shelf of the many that once were there does not take long to go through.
    private void closeRanks() {
      @Nullable WebSocketSession[] closed = new WebSocketSession[roomFor(end - holeCount)];
      int count = 0;
      for (int i = 0; i < end; i++) {
        WebSocketSession session = places[i];
        if (session != null) {
          session.placeInRegister = count;
          closed[count++] = session;
        }
      }
      places = closed;
      end = count;
      holes = new int[0];
      holeCount = 0;
    }

    private static int roomFor(int count) {
      return Math.max(FEWEST_PLACES, count + (count >> 1));
    }

    synchronized void copyTo(List<WebSocketSession> sessions) {
      for (int i = 0; i < end; i++) {
        WebSocketSession session = places[i];
        if (session != null) {
          sessions.add(session);
        }
      }
    }
  }
}
