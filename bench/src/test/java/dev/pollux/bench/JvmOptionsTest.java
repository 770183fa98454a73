package dev.pollux.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class JvmOptionsTest {
  private final Contestants contestants =
      new Contestants(List.of(IoModel.EPOLL), Path.of("keystore.p12"));

  private Contestant named(String name) {
    return contestants.named(List.of(name)).getFirst();
  }

  private String refusal(String name) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> named(name)).getMessage());
  }

  @Test
  void optionsOfTheJvmStandBehindTheName() {
    Contestant plain = named("epoll");
    Contestant other = named("epoll@-XX:+UseCompactObjectHeaders -Xint");
    assertEquals("epoll@-XX:+UseCompactObjectHeaders -Xint", other.name());
    assertEquals("Pollux epoll with -XX:+UseCompactObjectHeaders -Xint", other.title());
    int at = other.command().indexOf("-XX:+UseCompactObjectHeaders");
    assertTrue(at > 0 && at < other.command().indexOf("-cp"), other.command().toString());
    assertEquals("-Xint", other.command().get(at + 1));
    assertEquals(plain.command().size() + 2, other.command().size());
  }

  @Test
  void anotherCollectorTakesThePlaceOfTheUsualOne() {
    assertTrue(named("epoll").command().contains("-XX:+UseSerialGC"));
    List<String> command = named("epoll@-XX:+UseG1GC").command();
    assertTrue(command.contains("-XX:+UseG1GC"), command.toString());
    assertFalse(command.contains("-XX:+UseSerialGC"), command.toString());
  }

  @Test
  void aStartIsTimedWithAHeapThatGrows() {
    assertTrue(named("epoll").command().contains("-XX:+AlwaysPreTouch"));
    assertFalse(named("epoll").startCommand().contains("-XX:+AlwaysPreTouch"));
    assertEquals(named("epoll").command().size() - 2, named("epoll").startCommand().size());
  }

  @Test
  void theLoopInCTakesNoOptionsOfAJvm() {
    contestants.addReference(Contestants.REFERENCE, "C epoll loop", Path.of("echo_epoll"));
    assertEquals(
        "c-epoll takes no options of a JVM: it does not run in one", refusal("c-epoll@-Xint"));
  }
}
