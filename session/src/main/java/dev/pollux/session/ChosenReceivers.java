package dev.pollux.session;

import dev.pollux.net.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Those of all open sessions that one message is for, by owner. Each is accounted for by itself,
/// because they are no group.
final class ChosenReceivers {
  private final List<OfOwner> owners = new ArrayList<>();

  private record OfOwner(Owner owner, List<WebSocketSession> sessions) {}

  private ChosenReceivers() {}

  /// @param to asked on the calling thread, about each session once
  static ChosenReceivers of(SessionGroup all, Predicate<? super WebSocketSession> to) {
    ChosenReceivers chosen = new ChosenReceivers();
    for (GroupSlot slot : all.occupied()) {
      List<WebSocketSession> sessions = new ArrayList<>();
      slot.members.copyTo(sessions);
      sessions.removeIf(session -> !to.test(session));
      if (!sessions.isEmpty()) {
        chosen.owners.add(new OfOwner(slot.owner, sessions));
      }
    }
    return chosen;
  }

  /// Sends it to them, in the order of the group.
  ///
  /// @return how many have accepted it
  int publish(SessionGroup all, SharedMessage message) {
    int[] accepted = {0};
    all.inOrder(() -> {
      for (OfOwner of : owners) {
        of.sessions.removeIf(session -> !SharedSends.acceptsShared(session, message));
        if (!of.sessions.isEmpty()) {
          message.retain();
          if (of.owner.add(() -> write(of.sessions, message))) {
            accepted[0] += of.sessions.size();
          } else {
            of.sessions.forEach(session -> session.addInbox(-message.frameBytes()));
            message.release();
          }
        }
      }
    });
    for (OfOwner of : owners) {
      of.owner.wake();
    }
    return accepted[0];
  }

  /// The entry, as the owner.
  private static void write(List<WebSocketSession> sessions, SharedMessage message) {
    int written = 0;
    try {
      for (WebSocketSession session : sessions) {
        if (SharedSends.enteredShared(session, message)) {
          written++;
        }
      }
    } finally {
      SharedSends.countShared(sessions.getFirst().sessions, message, written);
      message.release();
    }
  }
}
