package dev.pollux.server;

import dev.pollux.session.Group;
import dev.pollux.session.SendStatus;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Rooms in which what one says goes to all, in the ways in which applications do that. A member
/// names its rooms in the query: `?a+b&name`.
final class Room implements WebSocketHandler {
  enum Way {
    /// One send after the other, under a lock of the application's around the members.
    LOCKED_SENDS,
    /// One send after the other, over a concurrent set.
    SENDS,
    /// A group.
    GROUP
  }

  /// What became of what was sent to one member.
  static final class Tally {
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger dropped = new AtomicInteger();
  }

  private static final class Members {
    final Set<WebSocket> all = ConcurrentHashMap.newKeySet();
    final AtomicLong numbers = new AtomicLong();
    final Group group;

    Members(Group group) {
      this.group = group;
    }
  }

  private final Way way;
  private final Supplier<Group> groups;
  private final Map<String, Members> rooms = new ConcurrentHashMap<>();
  private final Map<String, Tally> tallies = new ConcurrentHashMap<>();

  /// What was said by those whose name begins with m, and has been handed to all.
  final AtomicInteger said = new AtomicInteger();

  final AtomicInteger refused = new AtomicInteger();

  /// @param groups makes a group of the server that this is a handler of
  Room(Way way, Supplier<Group> groups) {
    this.way = way;
    this.groups = groups;
  }

  private Members room(String name) {
    return rooms.computeIfAbsent(name, made -> new Members(groups.get()));
  }

  Tally tally(String member) {
    return tallies.computeIfAbsent(member, made -> new Tally());
  }

  /// How many things a member has been sent at most: all that was said in its rooms.
  long numbers(String room) {
    return room(room).numbers.get();
  }

  int members(String room) {
    Members members = room(room);
    return way == Way.GROUP ? members.group.size() : members.all.size();
  }

  private static String[] query(WebSocket ws) {
    return String.valueOf(ws.query()).split("&", -1);
  }

  @Override
  public void onOpen(WebSocket ws) {
    ws.attach(tally(query(ws)[1]));
    for (String name : query(ws)[0].split("\\+", -1)) {
      Members members = room(name);
      synchronized (members) {
        members.all.add(ws);
      }
      if (way == Way.GROUP) {
        members.group.join(ws);
      }
    }
  }

  @Override
  public void onClose(WebSocket ws, int code, String reason) {
    for (String name : query(ws)[0].split("\\+", -1)) {
      Members members = room(name);
      synchronized (members) {
        members.all.remove(ws);
      }
    }
  }

  @Override
  public void onText(WebSocket ws, String text) {
    String name = text.substring(0, text.indexOf(' '));
    Members members = room(name);
    switch (way) {
      case LOCKED_SENDS -> {
        synchronized (members) {
          sendToAll(members, name, text);
        }
      }
      case SENDS -> sendToAll(members, name, text);
      case GROUP -> {
        long number = members.numbers.incrementAndGet();
        SendStatus status = members.group.sendText(numbered(name, number, text));
        if (!status.isAccepted()) {
          refused.incrementAndGet();
        }
      }
    }
    if (text.startsWith("m", text.indexOf(' ') + 1)) {
      said.incrementAndGet();
    }
  }

  private static void sendToAll(Members members, String name, String text) {
    String numbered = numbered(name, members.numbers.incrementAndGet(), text);
    for (WebSocket member : members.all) {
      SendStatus status = member.sendText(numbered);
      Tally tally = (Tally) member.attachment();
      if (tally != null && status.isAccepted()) {
        tally.accepted.incrementAndGet();
      } else if (tally != null && status == SendStatus.DROPPED) {
        tally.dropped.incrementAndGet();
      }
    }
  }

  private static String numbered(String room, long number, String text) {
    return room + " " + number + text.substring(text.indexOf(' '));
  }
}
