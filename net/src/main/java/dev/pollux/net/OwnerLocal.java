package dev.pollux.net;

import java.util.function.Function;

/// What the floors above keep with each [Owner]: a key, and how the value of an owner is made.
/// Values are the owner's alone, and go with it.
public final class OwnerLocal<T> {
  private final Function<? super Owner, ? extends T> initial;

  /// @param initial makes the value of an owner, on the owner's thread
  public OwnerLocal(Function<? super Owner, ? extends T> initial) {
    this.initial = initial;
  }

  /// A value for an owner that has none yet. For owners.
  public T make(Owner owner) {
    return initial.apply(owner);
  }
}
