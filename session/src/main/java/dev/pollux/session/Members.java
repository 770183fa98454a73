package dev.pollux.session;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The members of a group that one owner has, in places. The owner changes and walks them; other
/// threads may take a copy.
///
/// The order matters, because the kernel touches both sockets of a connection for each send. Those
/// that came one after the other stand side by side, as their sockets are likely to do in the
/// kernel's memory; and who comes next takes the place that was left last, as the kernel's
/// allocators do. In an order by chance a delivery to one of 5,000 sessions has cost the server a
/// sixth to a third more CPU time.
final class Members {
  private static final int FEWEST_PLACES = 4;

  private @Nullable WebSocketSession[] places = new WebSocketSession[0];

  /// Who remembers the place: a membership, or null for the session itself, in the group of all.
  private @Nullable Membership[] memberships = new Membership[0];

  /// Places from which on none is taken.
  private int end;

  /// Empty places before the end, the one that was left last on top.
  private int[] holes = new int[0];

  private int holeCount;

  /// The owner. Places from 0 to this are to be walked.
  int end() {
    return end;
  }

  /// The owner. Who has this place, if anybody.
  @Nullable WebSocketSession at(int place) {
    return places[place];
  }

  /// The owner.
  int count() {
    return end - holeCount;
  }

  synchronized void add(WebSocketSession session, @Nullable Membership membership) {
    int place = holeCount > 0 ? holes[holeCount - 1] : end;
    if (place == places.length) {
      places = Arrays.copyOf(places, roomFor(place + 1));
    }
    put(place, session, membership);
    // Last, so that one that finds no memory has changed nothing.
    if (holeCount > 0) {
      holeCount--;
    } else {
      end++;
    }
  }

  private void put(int place, WebSocketSession session, @Nullable Membership membership) {
    if (membership == null) {
      session.placeAmongAll = place;
    } else {
      if (place >= memberships.length) {
        memberships = Arrays.copyOf(memberships, places.length);
      }
      memberships[place] = membership;
      membership.place = place;
    }
    places[place] = session;
  }

  synchronized void remove(int place) {
    places[place] = null;
    if (place < memberships.length) {
      memberships[place] = null;
    }
    if (holeCount == holes.length) {
      holes = Arrays.copyOf(holes, roomFor(holeCount + 1));
    }
    holes[holeCount++] = place;
    if (holeCount == end) {
      end = 0;
      holeCount = 0;
    } else if (holeCount > end / 2 && end > 4 * FEWEST_PLACES) {
      closeRanks();
    }
  }

  /// So that the places of the many that once were there do not take long to go through.
  private void closeRanks() {
    @Nullable WebSocketSession[] before = places;
    @Nullable Membership[] beforeMemberships = memberships;
    int places = end;
    this.places = new WebSocketSession[roomFor(end - holeCount)];
    memberships = new Membership[0];
    end = 0;
    holes = new int[0];
    holeCount = 0;
    for (int i = 0; i < places; i++) {
      WebSocketSession session = before[i];
      if (session != null) {
        put(end, session, i < beforeMemberships.length ? beforeMemberships[i] : null);
        end++;
      }
    }
  }

  private static int roomFor(int count) {
    return count == 1 ? 1 : Math.max(FEWEST_PLACES, count + (count >> 1));
  }

  /// Any thread.
  synchronized void copyTo(List<WebSocketSession> sessions) {
    for (int i = 0; i < end; i++) {
      WebSocketSession session = places[i];
      if (session != null) {
        sessions.add(session);
      }
    }
  }
}
