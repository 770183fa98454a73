package dev.pollux.net.internal.ring;

import dev.pollux.net.internal.loop.DescriptorTable;

/// Whom the completions of a ring are for: a connection, or one on its way. The loop's thread.
public interface UringTarget {

  /// An operation has completed: its opcode, what it returned, `IORING_CQE_F_` flags, and where in
  /// the ring's receive memory its buffer begins (-1 for none; the loop gives it back).
  void onCompletion(int opcode, int result, int flags, int receivedOffset);

  void onTimer();

  /// One of its events has thrown: it ends, and that is logged and counted.
  void fail(Throwable cause);

  /// The loop ends.
  void endWithEngine();

  /// The loop ends, and with it whatever stands in this table.
  static void endAll(DescriptorTable<? extends UringTarget> table) {
    for (int slot = table.highestDescriptor(); slot >= 0; slot--) {
      UringTarget target = table.at(slot);
      if (target != null) {
        try {
          target.endWithEngine();
        } catch (Throwable t) {
          target.fail(t);
        }
      }
    }
  }
}
