package dev.pollux.lab.terminal;

import dev.pollux.lab.Verdict;

/// What is written to: how wide it is, whether a line can be written over, whether colours are
/// wanted.
///
/// @param width columns
/// @param live whether a line can be written over
/// @param colour whether colours are wanted
public record Style(int width, boolean live, boolean colour) {
  private static final int LEAST_WIDTH = 40;
  private static final char ESCAPE = 27;

  /// A file or a pipe.
  public static final Style PLAIN = new Style(100, false, false);

  public Style {
    width = Math.max(LEAST_WIDTH, width);
  }

  /// In bold type, where colours are wanted.
  public String bold(String text) {
    return sgr("1", text);
  }

  /// Less conspicuous, where colours are wanted.
  public String dim(String text) {
    return sgr("2", text);
  }

  /// In the colour of an outcome, where colours are wanted.
  public String outcome(Verdict.Outcome outcome, String text) {
    return switch (outcome) {
      case HOLDS -> sgr("32", text);
      case HOLDS_IN_PART -> sgr("33", text);
      case DOES_NOT_HOLD_HERE -> sgr("31", text);
      case NOT_MEASURED -> sgr("2", text);
    };
  }

  /// Goes to the beginning of the line and empties it.
  String lineAgain() {
    return "\r" + ESCAPE + "[K";
  }

  /// ECMA-48 §8.3.117: select graphic rendition.
  private String sgr(String parameter, String text) {
    return colour ? ESCAPE + "[" + parameter + "m" + text + ESCAPE + "[0m" : text;
  }
}
