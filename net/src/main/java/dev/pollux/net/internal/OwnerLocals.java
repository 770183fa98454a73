package dev.pollux.net.internal;

import dev.pollux.net.Owner;
import dev.pollux.net.OwnerLocal;
import org.jspecify.annotations.Nullable;

/// The values of [OwnerLocal]s that one owner has. They are few: one for each server or client that
/// shares the engine. The owner's.
public final class OwnerLocals {
  private final OwnerLocal<?> key;
  private final Object value;
  private final @Nullable OwnerLocals others;

  private OwnerLocals(OwnerLocal<?> key, Object value, @Nullable OwnerLocals others) {
    this.key = key;
    this.value = value;
    this.others = others;
  }

  /// The locals with a value for `key` in front, which is made if it is not there yet.
  public static <T> OwnerLocals with(@Nullable OwnerLocals locals, OwnerLocal<T> key, Owner owner) {
    for (OwnerLocals at = locals; at != null; at = at.others) {
      if (at.key == key) {
        return at == locals ? at : new OwnerLocals(key, at.value, without(locals, key));
      }
    }
    T made = key.make(owner);
    if (made == null) {
      throw new NullPointerException("an OwnerLocal made null");
    }
    return new OwnerLocals(key, made, locals);
  }

  private static @Nullable OwnerLocals without(@Nullable OwnerLocals locals, OwnerLocal<?> key) {
    if (locals == null || locals.key == key) {
      return locals == null ? null : locals.others;
    }
    return new OwnerLocals(locals.key, locals.value, without(locals.others, key));
  }

  /// The value in front, which is that of `key`.
  @SuppressWarnings("unchecked") // It was made by its key.
  public <T> T first(OwnerLocal<T> key) {
    if (this.key != key) {
      throw new IllegalStateException("another key is in front");
    }
    return (T) value;
  }
}
