package dev.pollux.net.internal;

import dev.pollux.net.IoModel;
import java.util.EnumSet;
import java.util.Set;

/// Bugs that are put into an engine on purpose, to see that a simulation finds them.
public enum Mutation {
  NONE,

  /// Now and then an event that the kernel told is not passed on. (A level-triggered kernel tells
  /// it again.)
  LOSES_AN_EDGE,

  /// Interest is never changed after it was registered.
  DOES_NOT_RE_ARM,

  /// What a connection was told is told to another one too, which has its number.
  DELIVERS_A_STALE_EVENT,

  /// Now and then a received byte is left out.
  SWALLOWS_A_BYTE,

  /// Now and then a sent byte is sent twice.
  DOUBLES_A_BYTE,

  /// Now and then a descriptor is not closed.
  LEAKS_A_DESCRIPTOR,

  /// The eventfd is not written.
  LOSES_A_WAKE_UP,

  /// It never waits.
  SPINS,

  /// The protocol is told twice that its connection is gone.
  TELLS_THE_END_TWICE,

  /// The protocol is told of bytes after the end.
  TELLS_BYTES_AFTER_THE_END,

  /// The clock that the timers follow is ahead of time.
  RINGS_TOO_EARLY,

  /// What a connection's own callback puts into its inbox is run at once, before what waits there.
  OVERTAKES_THE_INBOX,

  /// Now and then an entry comes into the inbox behind the one that was put there after it.
  DELAYS_AN_ENTRY,

  /// Now and then an entry is run twice.
  RUNS_AN_ENTRY_TWICE,

  /// Now and then an entry is accepted and not run.
  LOSES_AN_ENTRY;

  /// Whether it is put in between the engine and the protocols.
  public boolean isBetween() {
    return switch (this) {
      case TELLS_THE_END_TWICE,
          TELLS_BYTES_AFTER_THE_END,
          OVERTAKES_THE_INBOX,
          DELAYS_AN_ENTRY,
          RUNS_AN_ENTRY_TWICE,
          LOSES_AN_ENTRY ->
          true;
      default -> false;
    };
  }

  /// The models on which it does harm.
  public Set<IoModel> visibleOn() {
    return switch (this) {
      case NONE -> EnumSet.noneOf(IoModel.class);
      case LOSES_AN_EDGE -> EnumSet.of(IoModel.EPOLL_ET);
      case DOES_NOT_RE_ARM ->
          EnumSet.of(IoModel.NONBLOCKING, IoModel.SELECT, IoModel.POLL, IoModel.EPOLL);
      case LOSES_A_WAKE_UP, SPINS ->
          EnumSet.of(IoModel.SELECT, IoModel.POLL, IoModel.EPOLL, IoModel.EPOLL_ET);
      default ->
          EnumSet.of(
              IoModel.NONBLOCKING, IoModel.SELECT, IoModel.POLL, IoModel.EPOLL, IoModel.EPOLL_ET);
    };
  }
}
