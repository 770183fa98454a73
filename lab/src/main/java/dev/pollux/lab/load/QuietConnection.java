package dev.pollux.lab.load;

import java.lang.foreign.MemorySegment;

/// Is held open and answers pings. A message on it is one that nobody asked for.
final class QuietConnection extends LoadConnection {
  private final boolean idleLoad;

  /// @param idleLoad whether holding connections is all that the load does
  QuietConnection(LoadRun run, int index, boolean idleLoad) {
    super(run, index);
    this.idleLoad = idleLoad;
  }

  @Override
  boolean isActive() {
    return idleLoad;
  }

  @Override
  void onMessageBytes(MemorySegment buffer, int offset, int length) {
    throw new Different("a message that was not asked for");
  }
}
