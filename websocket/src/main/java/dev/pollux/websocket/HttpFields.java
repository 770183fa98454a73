package dev.pollux.websocket;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The header fields of one HTTP message, in order. Immutable. Names are compared without case.
///
/// @param lines one entry per field line
public record HttpFields(List<HttpField> lines) {
  public static final HttpFields NONE = new HttpFields(List.of());

  public HttpFields {
    lines = List.copyOf(lines);
  }

  /// These fields and one more.
  public HttpFields with(String name, String value) {
    List<HttpField> more = new ArrayList<>(lines);
    more.add(new HttpField(name, value));
    return new HttpFields(more);
  }

  /// The value of the first field line of that name, or null.
  public @Nullable String first(String name) {
    for (HttpField line : lines) {
      if (line.name().equalsIgnoreCase(name)) {
        return line.value();
      }
    }
    return null;
  }

  /// The values of all field lines of that name.
  public List<String> all(String name) {
    List<String> values = new ArrayList<>();
    for (HttpField line : lines) {
      if (line.name().equalsIgnoreCase(name)) {
        values.add(line.value());
      }
    }
    return values;
  }

  /// The elements of a comma-separated list, over all field lines of that name, without the white
  /// space around them; empty elements are left out (RFC 9110 §5.6.1). Not for fields whose
  /// elements can be quoted strings.
  public List<String> elements(String name) {
    List<String> elements = new ArrayList<>();
    for (String value : all(name)) {
      for (String element : HttpSyntax.split(value, ',')) {
        if (!element.isEmpty()) {
          elements.add(element);
        }
      }
    }
    return elements;
  }

  /// Whether a comma-separated list has the element, compared without case.
  public boolean hasElement(String name, String element) {
    for (String each : elements(name)) {
      if (each.equalsIgnoreCase(element)) {
        return true;
      }
    }
    return false;
  }
}
