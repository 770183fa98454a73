package dev.pollux.session;

import dev.pollux.net.Owner;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// What a group has with one owner: the members that are this owner's, and what waits for them in
/// its inbox.
final class GroupSlot {
  private static final VarHandle WAITING;

  static {
    try {
      WAITING = MethodHandles.lookup().findVarHandle(GroupSlot.class, "waiting", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final SessionGroup group;
  final Owner owner;

  /// The owner's.
  final Members members = new Members();

  /// Members, and those that are on their way. Guarded by the group's order.
  int joined;

  /// Where it stands among the slots of the group, -1 if it does not. Guarded by the group's order.
  int index = -1;

  /// What was published and the owner has not given to its members: how many, in the upper half,
  /// and the bytes of their frames.
  private volatile long waiting;

  GroupSlot(SessionGroup group, Owner owner) {
    this.group = group;
    this.owner = owner;
  }

  /// Any thread.
  int waitingBytes() {
    return (int) waiting;
  }

  /// Any thread.
  int waitingMessages() {
    return (int) (waiting >>> Integer.SIZE);
  }

  /// A message of so many bytes waits. Any thread.
  void addWaiting(int bytes) {
    WAITING.getAndAdd(this, (1L << Integer.SIZE) + bytes);
  }

  /// It does not any more. Any thread.
  void removeWaiting(int bytes) {
    WAITING.getAndAdd(this, -(1L << Integer.SIZE) - bytes);
  }

  // The owner

  /// An entry: the session is a member from here on.
  ///
  /// @param inboxBytes what it was accounted for
  void join(WebSocketSession session, int inboxBytes) {
    session.addInbox(-inboxBytes);
    // The output may have drained while this was still counted as pending.
    Outgoing.drained(session);
    if (session.hasEnded() || find(session) != null) {
      group.left(this);
      return;
    }
    Membership membership = new Membership(this, session.memberships);
    session.memberships = membership;
    members.add(session, membership);
  }

  /// An entry: the session is no member any more.
  void leave(WebSocketSession session) {
    Membership before = null;
    for (Membership at = session.memberships; at != null; at = at.next) {
      if (at.slot == this) {
        if (before == null) {
          session.memberships = at.next;
        } else {
          before.next = at.next;
        }
        members.remove(at.place);
        group.left(this);
        return;
      }
      before = at;
    }
  }

  private @Nullable Membership find(WebSocketSession session) {
    for (Membership at = session.memberships; at != null; at = at.next) {
      if (at.slot == this) {
        return at;
      }
    }
    return null;
  }

  /// The session has ended, and with it its memberships.
  static void leaveAll(WebSocketSession session) {
    for (Membership at = session.memberships; at != null; at = at.next) {
      at.slot.members.remove(at.place);
      at.slot.group.left(at.slot);
    }
    session.memberships = null;
  }
}
