package dev.pollux.net.internal.readiness;

/// Waits until descriptors are ready: the one thing in which the readiness models differ.
///
/// It belongs to a loop's thread. Descriptors are named by their key ([DescriptorKey]), which comes
/// back with what is ready, so that an event for a descriptor that was closed and reused meanwhile
/// can be told from one for its successor.
public interface Poller extends AutoCloseable {

  /// Starts to watch. Result 0 or -errno.
  int add(long key, int interest);

  /// Changes what is watched for; the key must be the one of [#add]. Result 0 or -errno.
  int modify(long key, int interest);

  /// Stops watching. Called before the descriptor is closed.
  void remove(long key);

  /// Waits for at most `timeoutNanos` (negative: for ever) and tells `sink` of each ready
  /// descriptor. The sink may call any other method of the poller.
  ///
  /// @return how many were ready, or -errno
  int await(long timeoutNanos, ReadySink sink);

  /// The highest descriptor that can be watched.
  default int highestDescriptor() {
    return Integer.MAX_VALUE;
  }

  /// Whether a wait that found `ready` descriptors has told of every one that was ready, and there
  /// were not more than one wait tells of.
  default boolean toldAll(int ready) {
    return ready >= 0;
  }

  /// Whether readiness is told only when it changes, so that whoever is told must drain the
  /// descriptor.
  default boolean edgeTriggered() {
    return false;
  }

  /// Whether it waits at all. If not, that nothing comes of what it reports is no wonder.
  default boolean waits() {
    return true;
  }

  /// Gives the poller's own descriptor back, if it has one.
  @Override
  default void close() {}

  /// Told of ready descriptors.
  @FunctionalInterface
  interface ReadySink {
    void onReady(long key, int readiness);
  }
}
