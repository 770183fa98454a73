package dev.pollux.lab.worker;

import java.io.IOException;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// What a [Worker] process does: it carries out orders, one after the other, in one thread. It has
/// a constructor without parameters.
public interface Job extends AutoCloseable {

  /// Carries out one order.
  ///
  /// @param order the name of what to do
  /// @param arguments what [Worker#ask] was given
  /// @return the answer; null for nothing
  /// @throws Exception if it can't be done; the message reaches the one who asked
  @Nullable Serializable carryOut(String order, Arguments arguments) throws Exception;

  /// Called when the lab has no more orders. The process ends anyway.
  @Override
  default void close() throws IOException {}
}
