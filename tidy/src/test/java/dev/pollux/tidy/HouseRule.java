package dev.pollux.tidy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A rule about the text of the Java files: all of them in, the breaches out, each as `path:line:
/// what: what to write instead`.
interface HouseRule {

  int MAX_MAIN_LINES = 400;

  List<String> breaches(List<Source> sources);

  static Map<String, HouseRule> all() {
    var rules = new TreeMap<String, HouseRule>();
    rules.put("names say what is different", namesSayWhatIsDifferent());
    rules.put("docs are Markdown", docsAreMarkdown());
    rules.put("no notes to self", noNotesToSelf());
    rules.put("tests do not sleep", testsDoNotSleep());
    rules.put("tests are not disabled", testsAreNotDisabled());
    rules.put("packages are null-marked", HouseRule::packagesThatAreNotNullMarked);
    rules.put("packages are the module's", packagesAreTheModules());
    rules.put("suppressions have a reason", suppressionsHaveAReason());
    rules.put("files are short", filesAreShort());
    return rules;
  }

  private static HouseRule namesSayWhatIsDifferent() {
    var type =
        Pattern.compile(
            "(?<![.\\w])(?:class|interface|enum|record)\\s+(?:\\w*(?:Manager|Utils?|Helper|Impl)"
                + "|(?:Base|Abstract)(?:[A-Z]\\w*)?)(?=\\s*[<({]|\\s+(?:extends|implements|permits)\\b)");
    return eachCode(type, "name it by what it does or what makes it different, as EpollPoller");
  }

  private static HouseRule docsAreMarkdown() {
    return eachComments(Pattern.compile("/\\*\\*(?!/)"), "write /// and Markdown");
  }

  private static HouseRule noNotesToSelf() {
    return eachComments(
        Pattern.compile("\\b(?:TODO|FIXME|XXX)\\b"),
        "do it now, or open an issue and leave it out");
  }

  private static HouseRule testsDoNotSleep() {
    var sleep =
        Pattern.compile(
            "\\bThread\\s*\\.\\s*sleep\\b"
                + "|\\b(?:TimeUnit\\s*\\.\\s*)?(?:NANO|MICRO|MILLI)?SECONDS\\s*\\.\\s*sleep\\b");
    HouseRule everywhere = eachCode(sleep, "await the condition, with a deadline");
    return sources -> everywhere.breaches(sources.stream().filter(Source::isTest).toList());
  }

  private static HouseRule testsAreNotDisabled() {
    return eachCode(
        Pattern.compile("@\\s*Disabled\\b"),
        "assume what the test needs (Assumptions, with the reason), repair it or delete it");
  }

  private static List<String> packagesThatAreNotNullMarked(List<Source> sources) {
    Map<String, List<Source>> packages =
        sources.stream().collect(Collectors.groupingBy(HouseRule::packageKey));
    return packages.values().stream()
        .filter(files -> files.stream().noneMatch(HouseRule::marksNull))
        .map(files ->
            files
                .getFirst()
                .breach(
                    1,
                    "package is not null-marked: add a package-info.java"
                        + " with its sentence and @NullMarked"))
        .sorted()
        .toList();
  }

  /// A test package is the same as the main package that it tests.
  private static String packageKey(Source source) {
    String folder = String.valueOf(source.path().getParent());
    return folder.replaceFirst("/src/[^/]+/java/", ": ");
  }

  private static boolean marksNull(Source source) {
    return source.path().endsWith("package-info.java")
        && Pattern.compile("^@NullMarked$", Pattern.MULTILINE).matcher(source.code()).find();
  }

  private static HouseRule packagesAreTheModules() {
    return sources -> sources.stream().flatMap(source -> foreignPackages(source).stream()).toList();
  }

  private static List<String> foreignPackages(Source source) {
    // The example lives where an application would: beside Pollux, seeing only what is public.
    var allowed = source.isTest() ? "(?:" + source.module() + "|example)" : source.module();
    return source.breaches(
        source.code(),
        Pattern.compile("(?m)^package\\s+(?!dev\\.pollux\\." + allowed + "[.;])[\\w.]+"),
        "the packages of a module begin with its name: dev.pollux." + source.module());
  }

  private static HouseRule suppressionsHaveAReason() {
    return sources -> sources.stream().flatMap(HouseRule::bareSuppressions).toList();
  }

  private static Stream<String> bareSuppressions(Source source) {
    List<String> code = source.code().lines().toList();
    List<String> comments = source.comments().lines().toList();
    return IntStream.range(0, code.size())
        .filter(i -> code.get(i).contains("@SuppressWarnings"))
        .filter(i -> !isReason(comments.get(i)) && !(i > 0 && isReason(comments.get(i - 1))))
        .mapToObj(i ->
            source.breach(
                i + 1, "@SuppressWarnings: write the reason as // on the line above or behind"));
  }

  private static boolean isReason(String comments) {
    return comments.strip().matches("//[^/].*");
  }

  private static HouseRule filesAreShort() {
    return sources ->
        sources.stream()
            .filter(source -> !source.isTest() && source.lines().size() > MAX_MAIN_LINES)
            .map(source ->
                source.breach(
                    source.lines().size(),
                    "at most " + MAX_MAIN_LINES + " lines: give a part of it a name and a file"))
            .toList();
  }

  private static HouseRule eachCode(Pattern bad, String instead) {
    return sources ->
        sources.stream()
            .flatMap(source -> source.breaches(source.code(), bad, instead).stream())
            .toList();
  }

  private static HouseRule eachComments(Pattern bad, String instead) {
    return sources ->
        sources.stream()
            .flatMap(source -> source.breaches(source.comments(), bad, instead).stream())
            .toList();
  }
}
