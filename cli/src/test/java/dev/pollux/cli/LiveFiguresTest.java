package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.pollux.net.IoModel;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What `/stats` tells.
final class LiveFiguresTest {

  @ParameterizedTest
  @EnumSource
  void messagesAndConnectionsAreTheOthersAndNotTheViewers(IoModel model) throws Exception {
    try (DemoServer demo = DemoServer.start(server -> server.io(model).loops(1));
        Talker viewer = new Talker("ws://" + demo.hostAndPort() + "/stats");
        Talker second = new Talker("ws://" + demo.hostAndPort() + "/stats")) {
      second.send("not counted");
      try (Talker client = new Talker("ws://" + demo.hostAndPort() + "/echo")) {
        for (int i = 0; i < 3; i++) {
          client.send("m" + i);
          assertEquals("text m" + i, client.read());
        }
        var figures =
            figuresOf(viewer, it -> number(it, "messages.in") == 3 && number(it, "viewers") == 2);
        assertEquals(model.word(), figures.get("model"));
        assertEquals(1, number(figures, "loops"));
        assertEquals(1, number(figures, "connections"));
        assertEquals(3, number(figures, "messages.out"));
        assertTrue(number(figures, "systemCalls.total") > 3);
        assertTrue(number(figures, "systemCalls.perMessageTotal") > 1);
        assertTrue(number(call(figures, "send"), "total") >= 3);
        assertTrue(number(figures, "heapBytes") > 0);
        assertTrue(number(figures, "threads") > 1);
      }
      var later = figuresOf(viewer, it -> number(it, "connections") == 0);
      assertEquals(3, number(later, "messages.in"));
      assertEquals(3, number(later, "messages.out"));
    }
  }

  @Test
  void theFirstFiguresHaveNoIntervalAndNoMessage() throws Exception {
    try (DemoServer demo = DemoServer.start(server -> server);
        Talker viewer = new Talker("ws://" + demo.hostAndPort() + "/stats")) {
      var figures = figuresOf(viewer, it -> true);
      assertEquals(0, number(figures, "intervalSeconds"));
      assertEquals(0, number(figures, "cpu.percent"));
      assertNull(at(figures, "cpu.microsPerMessage"));
      assertNull(at(figures, "systemCalls.perMessageTotal"));
    }
  }

  @Test
  void anIdleNonblockingLoopIsSeenBurningItsCpu() throws Exception {
    try (DemoServer demo = DemoServer.start(server -> server.io(IoModel.NONBLOCKING));
        Talker viewer = new Talker("ws://" + demo.hostAndPort() + "/stats")) {
      var figures = figuresOf(viewer, it -> number(it, "wouldBlock.perSecond") > 1000);
      assertTrue(number(figures, "cpu.percent") > 0);
      assertEquals(0, number(figures, "messages.in"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SELECT, loop, select",
    "POLL, loop, poll",
    "EPOLL, loop, epoll_wait",
    "BLOCKING, acceptor, accept4",
    "BLOCKING, client, recv"
  })
  void whatAThreadIsBlockedInIsTold(IoModel model, String role, String doing) throws Exception {
    try (DemoServer demo = DemoServer.start(server -> server.io(model).loops(1));
        Talker viewer = new Talker("ws://" + demo.hostAndPort() + "/stats")) {
      // Not every time: at that moment it may be writing the figures before.
      figuresOf(
          viewer,
          it ->
              list(it, "now").stream()
                  .anyMatch(group ->
                      role.equals(group.get("role"))
                          && List.of(doing, doing.replace("accept4", "accept"))
                              .contains(group.get("doing"))));
    }
  }

  @Test
  void rolesAreKnownByNamesAlsoWhenTheyAreShortened() {
    assertEquals("loop", ThreadStates.role("pollux-epoll-0"));
    assertEquals("loop", ThreadStates.role("pollux-..king-0"));
    assertEquals("client", ThreadStates.role("client-..0.0.1"));
    assertEquals("acceptor", ThreadStates.role("pollux-accept"));
    assertEquals("offload", ThreadStates.role("pollux-..oad-12"));
    assertEquals("offload", ThreadStates.role("pollux-..load-1"));
    assertNull(ThreadStates.role("pollux-timer"));
    assertNull(ThreadStates.role("C2 CompilerThre"));
  }

  /// The next figures that fulfil the condition.
  private static Map<String, ?> figuresOf(Talker viewer, Predicate<Map<String, ?>> condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Talker.DEADLINE_SECONDS);
    String text = "nothing";
    while (System.nanoTime() - deadline < 0) {
      text = viewer.read();
      assertTrue(text.startsWith("text {"), text);
      var figures = JsonReader.object(text.substring("text ".length()));
      if (condition.test(figures)) {
        return figures;
      }
    }
    return fail("not in time; the last figures were " + text);
  }

  private static Map<String, ?> call(Map<String, ?> figures, String name) {
    var found =
        list(figures, "systemCalls.byName").stream()
            .filter(each -> name.equals(each.get("name")))
            .findFirst();
    assertFalse(found.isEmpty(), name);
    return found.get();
  }

  @SuppressWarnings("unchecked") // the reader makes these types and no others
  private static List<Map<String, ?>> list(Map<String, ?> figures, String path) {
    return (List<Map<String, ?>>) Objects.requireNonNull(at(figures, path));
  }

  private static double number(Map<String, ?> figures, String path) {
    return (Double) Objects.requireNonNull(at(figures, path), path);
  }

  private static @Nullable Object at(Map<String, ?> figures, String path) {
    Object value = figures;
    for (String name : path.split("\\.", -1)) {
      assertTrue(value instanceof Map<?, ?> map && map.containsKey(name), path);
      value = ((Map<?, ?>) Objects.requireNonNull(value)).get(name);
    }
    return value;
  }
}
