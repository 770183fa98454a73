package dev.pollux.session;

import dev.pollux.net.Owner;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A group over owners: it has a [GroupSlot] with each of them that has members.
///
/// ```
///   publisher --order--> an entry in the inbox of each owner with members
///                                   v
///                        the owner --> its members, one after the other --> their output
/// ```
///
/// The order is a lock that is held while the entries are made and no longer: so all owners get
/// them in one order, and with them the joins and leaves. What a publisher finds to be too much is
/// refused there for all.
final class SessionGroup implements Group {
  /// What a join that waits counts for among what is pending of a session.
  private static final int ENTRY_BYTES = 64;

  /// What a message counts for at least while it waits for an owner: of many small ones, what they
  /// lie in is more than their bytes.
  private static final int LEAST_WAITING_BYTES = 64;

  private final Sessions sessions;
  private final Object order = new Object();

  // Guarded by the order.
  private final List<GroupSlot> slots = new ArrayList<>(1);
  private @Nullable Map<Owner, GroupSlot> byOwner;
  private int joined;

  SessionGroup(Sessions sessions) {
    this.sessions = sessions;
  }

  // Members

  @Override
  public void join(WebSocket ws) {
    WebSocketSession session = sessions.requireOwn(ws);
    Owner owner = session.connection.owner();
    synchronized (order) {
      GroupSlot slot = slots().get(owner);
      if (slot == null) {
        slot = new GroupSlot(this, owner);
        slots().put(owner, slot);
      }
      enlist(slot);
      GroupSlot joining = slot;
      // Until then it can't be seen that the group's messages are the session's too: its own sends
      // must not overtake those behind this.
      session.addInbox(ENTRY_BYTES);
      if (!owner.add(() -> joining.join(session, ENTRY_BYTES))) {
        session.addInbox(-ENTRY_BYTES);
        left(slot);
      }
    }
    owner.wake();
  }

  @Override
  public void leave(WebSocket ws) {
    WebSocketSession session = sessions.requireOwn(ws);
    Owner owner = session.connection.owner();
    synchronized (order) {
      GroupSlot slot = slots().get(owner);
      if (slot != null) {
        owner.add(() -> slot.leave(session));
      }
    }
    owner.wake();
  }

  private Map<Owner, GroupSlot> slots() {
    Map<Owner, GroupSlot> made = byOwner;
    if (made == null) {
      made = new HashMap<>(2);
      byOwner = made;
    }
    return made;
  }

  private void enlist(GroupSlot slot) {
    if (slot.joined++ == 0) {
      slot.index = slots.size();
      slots.add(slot);
    }
    joined++;
  }

  /// One member of the slot less. Any thread.
  void left(GroupSlot slot) {
    synchronized (order) {
      joined--;
      if (--slot.joined == 0) {
        GroupSlot last = slots.removeLast();
        if (last != slot) {
          slots.set(slot.index, last);
          last.index = slot.index;
        }
        slot.index = -1;
        if (byOwner != null) {
          byOwner.remove(slot.owner, slot);
        }
      }
    }
  }

  @Override
  public int size() {
    synchronized (order) {
      return joined;
    }
  }

  // The group of all: who opens is a member, without an entry.

  /// The owner: a session of its own has opened.
  void opened(GroupSlot slot, WebSocketSession session) {
    slot.members.add(session, null);
    synchronized (order) {
      enlist(slot);
    }
  }

  /// The owner: it has ended.
  void ended(GroupSlot slot, WebSocketSession session) {
    slot.members.remove(session.placeAmongAll);
    left(slot);
  }

  /// The slots with members at the moment. Any thread.
  List<GroupSlot> occupied() {
    synchronized (order) {
      return List.copyOf(slots);
    }
  }

  /// Puts entries into the inboxes of some owners, as a publication of this group.
  void inOrder(Runnable entries) {
    synchronized (order) {
      entries.run();
    }
  }

  Sessions sessions() {
    return sessions;
  }

  // Publishing

  @Override
  public SendStatus sendText(CharSequence text, @Nullable WebSocket except) {
    byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
    return publish(Opcode.TEXT, MemorySegment.ofArray(utf8), utf8.length, except);
  }

  @Override
  public SendStatus sendBinary(ByteBuffer data, @Nullable WebSocket except) {
    return publish(Opcode.BINARY, MemorySegment.ofBuffer(data), data.remaining(), except);
  }

  @Override
  public SendStatus send(Message message, @Nullable WebSocket except) {
    int opcode = message.isText() ? Opcode.TEXT : Opcode.BINARY;
    MemorySegment payload = MemorySegment.ofBuffer(message.bytes());
    return publish(opcode, payload, message.length(), except);
  }

  private SendStatus publish(
      int opcode, MemorySegment payload, int length, @Nullable WebSocket except) {
    OutputPolicy policy = sessions.options().output();
    SharedMessage message = SharedMessage.of(opcode, payload, length, sessions.compression());
    try {
      GroupSlot[] told;
      long worst = 0;
      int missing = 0;
      synchronized (order) {
        told = slots.toArray(GroupSlot[]::new);
        for (GroupSlot slot : told) {
          worst = Math.max(worst, slot.waitingBytes());
          worst = Math.max(worst, (long) slot.waitingMessages() * LEAST_WAITING_BYTES);
        }
        if (OutputRule.refuses(policy.maxPendingBytes(), worst) || sessions.memory().isUsedUp()) {
          missing = joined;
          refuse(policy, told);
        } else {
          for (GroupSlot slot : told) {
            new Publication(slot, message, except).add();
          }
        }
      }
      if (missing == 0 || policy.overflow() == OutputPolicy.Overflow.CLOSE) {
        for (GroupSlot slot : told) {
          slot.owner.wake();
        }
      }
      if (missing > 0) {
        sessions.dropped(missing, this);
        return SendStatus.DROPPED;
      }
      return OutputRule.status(policy, told.length == 0 ? 0 : worst + message.frameBytes());
    } finally {
      message.release();
    }
  }

  /// An owner lags so far behind that nobody gets the message.
  private static void refuse(OutputPolicy policy, GroupSlot[] told) {
    if (policy.overflow() == OutputPolicy.Overflow.CLOSE) {
      for (GroupSlot slot : told) {
        slot.owner.add(() -> closeAll(slot));
      }
    }
  }

  private static void closeAll(GroupSlot slot) {
    for (int i = 0; i < slot.members.end(); i++) {
      WebSocketSession member = slot.members.at(i);
      if (member != null) {
        Closing.start(member, CloseCode.TRY_AGAIN_LATER, Outgoing.TOO_MUCH);
      }
    }
  }

  @Override
  public String toString() {
    return "a group of " + size();
  }
}
