package dev.pollux.net;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// What a connection's bytes mean: the upper half of the seam between the I/O models and everything
/// above them.
///
/// The callbacks of one connection are never run by two threads at once and come in this order, on
/// every model: [#onOpen], then any of [#onBytes], [#onDrained], [#onTimer], [#onEndOfInput], then
/// [#onClosed] exactly once. A callback that throws loses its connection (it is aborted), never the
/// loop.
///
/// ```
///   connect fails --> onConnectFailed
///   refused       --> onRefused
///   otherwise     --> onOpen --> (onBytes | onDrained | onTimer)* --> onEndOfInput? --> onClosed
/// ```
public interface Protocol {

  /// The connection is there: accepted, connected, or handed over by an earlier protocol.
  default void onOpen(Connection connection) {}

  /// Bytes arrived: `length` bytes of `buffer` from `offset`. All are consumed by this call, which
  /// may change them in place; the memory is the engine's and holds other bytes as soon as the call
  /// returns.
  void onBytes(Connection connection, MemorySegment buffer, int offset, int length);

  /// The peer sends no more (FIN). Output can still go out. By default the connection is closed
  /// once it has.
  default void onEndOfInput(Connection connection) {
    connection.close();
  }

  /// Called once before a batch of output is handed to the kernel, so that a protocol that encodes
  /// (TLS) can do it for the whole batch.
  default void onFlush(Connection connection) {}

  /// The kernel took output: [Connection#pendingOutput] is lower than before. Called after each
  /// flush that got something across, so a protocol that waits for room compares what is pending
  /// with its own watermark.
  default void onDrained(Connection connection) {}

  /// The time set by [Connection#setTimer] is over. The timer is not set any more.
  ///
  /// Whatever had arrived when it was over was delivered before, also if the loop was held or the
  /// process stopped meanwhile; unless reading is suspended, or so much comes that there is no end
  /// to it: then this is told after a few seconds at most.
  default void onTimer(Connection connection) {}

  /// The connection is gone; nothing follows.
  default void onClosed(Connection connection, CloseReason reason) {}

  /// The engine can't serve this connection. The protocol may say so in its own words: what it
  /// writes now is offered to the kernel once before the connection is closed. No other callback is
  /// made on it.
  default void onRefused(Connection connection, Refusal refusal) {}

  /// An outgoing connection could not be made; no other callback is made.
  default void onConnectFailed(IOException cause) {}
}
