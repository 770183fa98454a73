package dev.pollux.tidy;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// A Java file of the checkout.
///
/// @param path relative to the root of the checkout: `sys/src/main/java/dev/pollux/sys/Kernel.java`
/// @param text all of it
record Source(Path path, String text) {

  private static final Pattern WORDS =
      Pattern.compile(
          """
          (?<comment>//[^\\n]*|/\\*(?s:.*?)\\*/)\
          |"{3}(?:[^"\\\\]++|\\\\.|"(?!""))*"{3}\
          |"(?:[^"\\\\\\n]++|\\\\.)*"\
          |'(?:[^'\\\\\\n]|\\\\.)+'\
          """);

  /// The folder of its module.
  String module() {
    return path.getName(0).toString();
  }

  boolean isTest() {
    return path.startsWith(Path.of(module(), "src", "test"));
  }

  List<String> lines() {
    return text.lines().toList();
  }

  /// The text with comments and literals blanked out, every line and column where it was.
  String code() {
    return WORDS.matcher(text).replaceAll(word -> blank(word.group()));
  }

  /// The text with everything but comments blanked out, every line and column where it was.
  String comments() {
    var kept = new StringBuilder();
    var matcher = WORDS.matcher(text);
    int end = 0;
    while (matcher.find()) {
      kept.append(blank(text.substring(end, matcher.start())));
      boolean comment = matcher.group("comment") != null;
      kept.append(comment ? matcher.group() : blank(matcher.group()));
      end = matcher.end();
    }
    return kept.append(blank(text.substring(end))).toString();
  }

  /// Where `pattern` is found in `view` ([#code] or [#comments]), as `path:line: found: instead`.
  List<String> breaches(String view, Pattern pattern, String instead) {
    return pattern
        .matcher(view)
        .results()
        .map(hit -> breach(lineOf(view, hit.start()), "`" + hit.group().strip() + "`: " + instead))
        .toList();
  }

  String breach(int line, String what) {
    return path + ":" + line + ": " + what;
  }

  private static int lineOf(String view, int offset) {
    return 1 + (int) IntStream.range(0, offset).filter(i -> view.charAt(i) == '\n').count();
  }

  private static String blank(String words) {
    return words.replaceAll("[^\n]", " ");
  }
}
