package dev.pollux.session;

import org.jspecify.annotations.Nullable;

/// A message of a group, as an entry for one owner: it writes it to the members that are its own.
final class Publication implements Runnable {
  private final GroupSlot slot;
  private final SharedMessage message;
  private final @Nullable WebSocket except;

  Publication(GroupSlot slot, SharedMessage message, @Nullable WebSocket except) {
    this.slot = slot;
    this.message = message;
    this.except = except;
  }

  /// Puts it into the owner's inbox, which does not wake the owner. Any thread.
  void add() {
    message.retain();
    slot.addWaiting(message.frameBytes());
    if (!slot.owner.add(this)) {
      // The owner has ended, and its members with it.
      slot.removeWaiting(message.frameBytes());
      message.release();
    }
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // The very same WebSocket is left out.
  public void run() {
    slot.removeWaiting(message.frameBytes());
    Members members = slot.members;
    int written = 0;
    try {
      for (int i = 0; i < members.end(); i++) {
        WebSocketSession member = members.at(i);
        if (member != null && member != except && SharedSends.writeShared(member, message)) {
          written++;
        }
      }
    } finally {
      SharedSends.countShared(slot.group.sessions(), message, written);
      message.release();
    }
  }
}
