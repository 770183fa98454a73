package dev.pollux.bench;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which versions of the peers' libraries are measured, from the names of their jars: what is
/// really on the class path, not what somebody wrote down.
final class PeerVersions {
  private static final Map<String, Pattern> JARS =
      Map.of(
          "Netty", Pattern.compile("netty-codec-http-(\\d[^/]*)\\.jar"),
          "Jetty", Pattern.compile("jetty-server-(\\d[^/]*)\\.jar"),
          "Vert.x", Pattern.compile("vertx-core-(\\d[^/]*)\\.jar"),
          "Helidon", Pattern.compile("helidon-webserver-(\\d[^/]*)\\.jar"),
          "Undertow", Pattern.compile("undertow-core-(\\d[^/]*)\\.jar"),
          "Java-WebSocket", Pattern.compile("Java-WebSocket-(\\d[^/]*)\\.jar"));

  private PeerVersions() {}

  static Map<String, String> onTheClassPath() {
    return in(System.getProperty("java.class.path", ""));
  }

  static Map<String, String> in(String classPath) {
    Map<String, String> versions = new TreeMap<>();
    for (String entry : classPath.split(":", -1)) {
      String name = String.valueOf(Path.of(entry).getFileName());
      JARS.forEach((library, pattern) -> {
        Matcher matcher = pattern.matcher(name);
        if (matcher.matches()) {
          versions.put(library, matcher.group(1));
        }
      });
    }
    return versions;
  }
}
