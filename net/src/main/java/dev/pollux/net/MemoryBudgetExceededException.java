package dev.pollux.net;

/// There is no memory left for what a connection does: it ends, and nothing else.
///
/// It has no stack trace: when it is thrown, it is thrown often.
public final class MemoryBudgetExceededException extends RuntimeException {
  /// @param bytes that were asked for
  /// @param limitBytes the budget
  public MemoryBudgetExceededException(long bytes, long limitBytes) {
    super(
        "%,d bytes are more than is left of the memory budget of %,d MiB (memoryBudget, --memory)"
            .formatted(bytes, limitBytes >> 20),
        null,
        false,
        false);
  }
}
