package dev.pollux.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The options of the servers' JVMs.
final class JvmOptions {
  /// Between the name of a server and options of its own: `epoll@-XX:+UseCompactObjectHeaders`.
  static final String MARK = "@";

  /// What keeps the heap from growing while memory is measured.
  static final List<String> TOUCHED_HEAP = List.of("-Xms1g", "-XX:+AlwaysPreTouch");

  private static final String COLLECTOR = "-XX:+UseSerialGC";

  /// What every JVM gets, besides [#TOUCHED_HEAP].
  static final List<String> COMMON = List.of("-Xmx1g", COLLECTOR);

  private static final Pattern A_COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

  private JvmOptions() {}

  /// A command that begins with `java`, with options behind those that are there; a collector among
  /// them takes the place of the usual one.
  ///
  /// @param options separated by spaces
  static List<String> added(List<String> command, String options) {
    List<String> more = List.of(options.trim().split(" +"));
    List<String> words = new ArrayList<>(command);
    if (more.stream().anyMatch(option -> A_COLLECTOR.matcher(option).matches())) {
      words.remove(COLLECTOR);
    }
    words.addAll(words.indexOf("-cp"), more);
    return words;
  }
}
