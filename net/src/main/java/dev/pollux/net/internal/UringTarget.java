package dev.pollux.net.internal;

/// Whom the completions of a ring are for: a connection, or one on its way. The loop's thread.
interface UringTarget {

  /// An operation has completed: its opcode, what it returned, `IORING_CQE_F_` flags, and where in
  /// the ring's receive memory its buffer begins (-1 for none; the loop gives it back).
  void onCompletion(int opcode, int result, int flags, int receivedOffset);

  void onTimer();

  /// One of its events has thrown: it ends, and that is logged and counted.
  void fail(Throwable cause);

  /// The loop ends.
  void endWithEngine();
}
