package dev.pollux.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerVersionsTest {

  @Test
  void theVersionIsWhatTheJarIsNamed() {
    assertEquals(
        Map.of(
            "Netty", "4.2.18.Final",
            "Jetty", "12.1.14",
            "Vert.x", "5.2.3",
            "Helidon", "4.5.0",
            "Undertow", "2.4.4.Final",
            "Java-WebSocket", "1.6.0"),
        PeerVersions.in(
            String.join(
                ":",
                "/repository/io/netty/netty-codec-http/4.2.18.Final/netty-codec-http-4.2.18.Final.jar",
                "lib/jetty-server-12.1.14.jar",
                "vertx-core-5.2.3.jar",
                "../lib/helidon-webserver-4.5.0.jar",
                "/lib/undertow-core-2.4.4.Final.jar",
                "/lib/Java-WebSocket-1.6.0.jar")));
  }

  @Test
  void aPreReleaseIsOneToo() {
    assertEquals(
        Map.of("Jetty", "12.1.0.beta2", "Vert.x", "5.1.0-SNAPSHOT"),
        PeerVersions.in("lib/jetty-server-12.1.0.beta2.jar:lib/vertx-core-5.1.0-SNAPSHOT.jar"));
  }

  @Test
  void relativesOfALibraryAreNotTakenForIt() {
    assertEquals(
        Map.of(),
        PeerVersions.in(
            String.join(
                ":",
                "lib/netty-codec-http2-4.2.10.Final.jar",
                "lib/jetty-websocket-jetty-server-12.0.1.jar",
                "lib/helidon-webserver-websocket-4.4.0.jar",
                "lib/vertx-core-logging-5.0.0.jar",
                "lib/undertow-core-2.4.4.Final.jar.sha1",
                "lib/jetty-server.jar",
                "/lib/jetty-server-12.1.14/classes")));
  }

  @Test
  void whatIsNoJarIsPassedOver() {
    assertEquals(
        Map.of("Java-WebSocket", "1.6.0"),
        PeerVersions.in("::target/classes:/:lib/Java-WebSocket-1.6.0.jar:"));
    assertEquals(Map.of(), PeerVersions.in(""));
  }

  /// A library that renames its jar would drop out of the report without a word.
  @Test
  void everyPeerOfTheClassPathIsFound() {
    Map<String, String> versions = PeerVersions.onTheClassPath();
    assertEquals(
        Set.of("Netty", "Jetty", "Vert.x", "Helidon", "Undertow", "Java-WebSocket"),
        versions.keySet());
    versions
        .values()
        .forEach(version -> assertTrue(version.matches("\\d+\\.\\d+.*"), versions::toString));
  }
}
