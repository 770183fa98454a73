package dev.pollux.lab.worker;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/// What an order says, by name.
public record Arguments(Map<String, Serializable> values) implements Serializable {

  public Arguments {
    values = Map.copyOf(values);
  }

  /// A whole number.
  ///
  /// @throws IllegalArgumentException if there is no such argument; the message names it
  public int number(String name) {
    return Math.toIntExact(value(name, Number.class).longValue());
  }

  /// A word.
  ///
  /// @throws IllegalArgumentException if there is no such argument; the message names it
  public String text(String name) {
    return value(name, String.class);
  }

  /// Some words.
  ///
  /// @throws IllegalArgumentException if there is no such argument; the message names it
  public List<String> texts(String name) {
    return List.of(value(name, String[].class));
  }

  /// An argument of any type.
  ///
  /// @throws IllegalArgumentException if there is none of that type; the message names it
  public <T> T value(String name, Class<T> type) {
    Serializable value = values.get(name);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "the argument '" + name + "' is " + value + ", and not of " + type.getSimpleName());
    }
    return type.cast(value);
  }
}
