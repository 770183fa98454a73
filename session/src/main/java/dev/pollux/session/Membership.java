package dev.pollux.session;

import org.jspecify.annotations.Nullable;

/// That a session is a member of a group. The owner's, but [#slot], which any thread may look at.
final class Membership {
  final GroupSlot slot;

  /// Where it stands among the members that its owner has.
  int place;

  /// The session's other memberships.
  @Nullable Membership next;

  Membership(GroupSlot slot, @Nullable Membership next) {
    this.slot = slot;
    this.next = next;
  }
}
