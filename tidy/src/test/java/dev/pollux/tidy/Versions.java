package dev.pollux.tidy;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/// Whether a build today and a build in a year take the same versions.
final class Versions {

  /// What Maven runs without being told, in versions of its own choice.
  private static final List<String> LIFECYCLE =
      List.of(
          "maven-clean-plugin",
          "maven-resources-plugin",
          "maven-compiler-plugin",
          "maven-surefire-plugin",
          "maven-jar-plugin",
          "maven-install-plugin");

  private static final Pattern NPM_DEPENDENCIES =
      Pattern.compile("\"(?:dev)?[dD]ependencies\"\\s*:\\s*\\{([^}]*)}");

  private static final Pattern LOOSE_NPM_VERSION =
      Pattern.compile("\"[^\"]+\"\\s*:\\s*\"[^\\d\"][^\"]*\"");

  private Versions() {}

  /// What has no fixed version in the root POM or one of those below it.
  static List<String> loose(String rootPom, List<String> poms) {
    Document root = parse(rootPom);
    Set<String> managed = managed(root);
    var loose = new ArrayList<String>();
    for (String plugin : LIFECYCLE) {
      if (!managed.contains(plugin)) {
        loose.add(plugin + ": Maven would choose; pin it in pluginManagement of the root pom.xml");
      }
    }
    loose.addAll(loose(root, managed));
    poms.forEach(pom -> loose.addAll(loose(parse(pom), managed)));
    return loose;
  }

  /// The dependencies of a `package.json` that are given as a range.
  static List<String> looseNpm(String packageJson) {
    return NPM_DEPENDENCIES
        .matcher(packageJson)
        .results()
        .flatMap(block -> LOOSE_NPM_VERSION.matcher(block.group(1)).results())
        .map(MatchResult::group)
        .map(range -> range + ": write the exact version")
        .toList();
  }

  private static Set<String> managed(Document root) {
    var managed = new HashSet<String>();
    for (Element artifact : artifacts(root)) {
      boolean isManagement =
          isInside(artifact, "dependencyManagement") || isInside(artifact, "pluginManagement");
      if (isManagement && !child(artifact, "version").isEmpty()) {
        managed.add(child(artifact, "artifactId"));
        if (child(artifact, "artifactId").equals("junit-bom")) {
          managed.add("junit-jupiter");
        }
      }
    }
    return managed;
  }

  private static List<String> loose(Document pom, Set<String> managed) {
    var loose = new ArrayList<String>();
    for (Element artifact : artifacts(pom)) {
      String name = child(artifact, "artifactId");
      String version = child(artifact, "version");
      if (version.isEmpty() && !managed.contains(name)) {
        loose.add(name + ": no version; pin it in the root pom.xml");
      } else if (version.matches("[\\[(].*|.*-SNAPSHOT|LATEST|RELEASE")) {
        loose.add(name + ": " + version + " changes by itself; write a released version");
      }
    }
    return loose;
  }

  private static List<Element> artifacts(Document pom) {
    var all = pom.getElementsByTagName("artifactId");
    return IntStream.range(0, all.getLength())
        .mapToObj(i -> (Element) all.item(i).getParentNode())
        .filter(it -> Set.of("dependency", "plugin", "path", "extension").contains(it.getTagName()))
        .toList();
  }

  private static boolean isInside(Node node, String name) {
    for (Node at = node; at != null; at = at.getParentNode()) {
      if (at.getNodeName().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static String child(Element parent, String name) {
    for (Node at = parent.getFirstChild(); at != null; at = at.getNextSibling()) {
      if (at.getNodeName().equals(name)) {
        return at.getTextContent().strip();
      }
    }
    return "";
  }

  private static Document parse(String xml) {
    try {
      var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      return builder.parse(new InputSource(new StringReader(xml)));
    } catch (IOException | SAXException | ParserConfigurationException e) {
      throw new IllegalArgumentException("not a POM: " + xml, e);
    }
  }
}
