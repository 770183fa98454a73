package dev.pollux.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads JSON as RFC 8259 has it, strictly: objects are maps, arrays lists, numbers doubles.
final class JsonReader {
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

  private final String text;
  private int at;

  private JsonReader(String text) {
    this.text = text;
  }

  static Map<String, @Nullable Object> object(String text) {
    JsonReader reader = new JsonReader(text);
    Map<String, @Nullable Object> object = reader.object();
    reader.require(reader.at == text.length(), "more behind the object");
    return object;
  }

  private Map<String, @Nullable Object> object() {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    take('{');
    while (next() != '}') {
      if (!members.isEmpty()) {
        take(',');
      }
      String name = string();
      take(':');
      require(!members.containsKey(name), name + " is there twice");
      members.put(name, value());
    }
    take('}');
    return members;
  }

  private List<@Nullable Object> array() {
    List<@Nullable Object> elements = new ArrayList<>();
    take('[');
    while (next() != ']') {
      if (!elements.isEmpty()) {
        take(',');
      }
      elements.add(value());
    }
    take(']');
    return elements;
  }

  private @Nullable Object value() {
    return switch (next()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private @Nullable Object word(String word, @Nullable Object meaning) {
    require(text.startsWith(word, at), "no " + word);
    at += word.length();
    return meaning;
  }

  private Double number() {
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    require(number.lookingAt(), "no value");
    at = number.end();
    return Double.valueOf(number.group());
  }

  private String string() {
    StringBuilder string = new StringBuilder();
    take('"');
    while (next() != '"') {
      char c = text.charAt(at++);
      require(c >= ' ', "a control character");
      string.append(c == '\\' ? escaped() : c);
    }
    take('"');
    return string.toString();
  }

  private char escaped() {
    char c = text.charAt(at++);
    if (c == 'u') {
      at += 4;
      return (char) Integer.parseInt(text, at - 4, at, 16);
    }
    require(c == '"' || c == '\\', "an escape that is not written here");
    return c;
  }

  private char next() {
    require(at < text.length(), "the end");
    return text.charAt(at);
  }

  private void take(char c) {
    require(next() == c, "no " + c);
    at++;
  }

  private void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise + " at " + at + " of " + text);
    }
  }
}
