package dev.pollux.lab.load;

import dev.pollux.net.Connection;

/// Sends when it is told to.
interface Paced {
  /// Its place among those that send, from 0.
  int place();

  Connection connection();

  /// What its loop measures with: connections of one loop have the same.
  Meter meter();

  /// Its next message is due: it is sent now, or as soon as it may be. On its thread.
  void due();
}
