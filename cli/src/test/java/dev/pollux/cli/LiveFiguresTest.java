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
        assertEquals(demo.server().model().word(), figures.get("model"));
        assertEquals(1, number(figures, "loops"));
        assertEquals(1, number(figures, "connections"));
        assertEquals(3, number(figures, "messages.out"));
        assertTrue(number(figures, "systemCalls.total") > 3);
        assertTrue(number(figures, "systemCalls.perMessageTotal") > 1);
        String send = model == IoModel.IO_URING ? "IORING_OP_SEND" : "send";
        assertTrue(number(call(figures, send), "total") >= 3);
        assertTrue(number(figures, "heapBytes") > 0);
        assertTrue(number(figures, "threads") > 1);
      }
      var later = figuresOf(viewer, it -> number(it, "connections") == 0);
      assertEquals(3, number(later, "messages.in"));
      assertEquals(3, number(later, "messages.out"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMessageCostsItsOwnCallsWhoeverElseIsConnected(IoModel model) throws Exception {
    try (DemoServer demo = DemoServer.start(server -> server.io(model).loops(1));
        Talker viewer = new Talker("ws://" + demo.hostAndPort() + "/stats");
        Talker _ = new Talker("ws://" + demo.hostAndPort() + "/stats");
        Talker _ = new Talker("ws://" + demo.hostAndPort() + "/echo");
        Talker client = new Talker("ws://" + demo.hostAndPort() + "/echo")) {
      for (int attempt = 1; ; attempt++) {
        begin(viewer);
        assertEquals(2, number(asked(viewer, "mark", "mark"), "mark"));
        client.send("hello");
        assertEquals("text hello", client.read());
        var cost = asked(viewer, "mark", "lastMessage");
        if (isRight(demo.server().model(), cost)) {
          return;
        }
        assertTrue(attempt < attempts(demo.server().model()), model + ": " + cost);
      }
    }
  }

  /// Where what waits in vain is counted beside (`nonblocking`), or where others than the loop take
  /// part in it, not every sample shows one message alone.
  private static int attempts(IoModel model) {
    return switch (model) {
      case BLOCKING, SELECT, POLL, EPOLL, EPOLL_ET, NIO -> 1;
      default -> 10;
    };
  }

  private static boolean isRight(IoModel model, Map<String, ?> cost) {
    if (model == IoModel.NIO) {
      return at(cost, "lastMessage.why") instanceof String why && why.contains("JDK");
    }
    if (!(at(cost, "lastMessage") instanceof Map<?, ?> told && told.containsKey("calls"))) {
      return false;
    }
    double calls = number(cost, "lastMessage.calls");
    return number(cost, "lastMessage.messages") == 1
        && switch (model) {
          case BLOCKING, NONBLOCKING -> calls == 2;
          case SELECT, POLL, EPOLL -> calls == 3;
          case IO_URING -> calls >= 1 && calls <= 2;
          // How often its poller and its sentry look besides is up to the scheduler.
          case VIRTUAL -> perMessage(cost, "recv") == 1 && perMessage(cost, "send") == 1;
          default -> calls >= 2 && calls <= 6;
        };
  }

  @Test
  void theCostOfSeveralMessagesIsTheirAverage() throws Exception {
    try (DemoServer demo = DemoServer.start(server -> server.io(IoModel.EPOLL).loops(1));
        Talker viewer = new Talker("ws://" + demo.hostAndPort() + "/stats");
        Talker client = new Talker("ws://" + demo.hostAndPort() + "/echo")) {
      begin(viewer);
      asked(viewer, "mark", "mark");
      for (int i = 0; i < 10; i++) {
        client.send("m" + i);
        assertEquals("text m" + i, client.read());
      }
      var cost = asked(viewer, "mark", "lastMessage");
      assertEquals(10, number(cost, "lastMessage.messages"));
      assertEquals(3, number(cost, "lastMessage.calls"));
      assertEquals(1, perMessage(cost, "send"));
    }
  }

  @Test
  void whatCantBeToldApartIsNotAFigure() throws Exception {
    try (DemoServer demo = DemoServer.start(server -> server.io(IoModel.EPOLL).loops(1));
        Talker viewer = new Talker("ws://" + demo.hostAndPort() + "/stats");
        Talker client = new Talker("ws://" + demo.hostAndPort() + "/echo")) {
      begin(viewer);
      client.send("between");
      assertEquals("text between", client.read());
      asked(viewer, "mark", "mark");
      client.send("x");
      assertEquals("text x", client.read());
      assertEquals(
          "others were speaking", at(asked(viewer, "mark", "lastMessage"), "lastMessage.why"));
      begin(viewer);
      asked(viewer, "mark", "mark");
      try (Talker other = new Talker("ws://" + demo.hostAndPort() + "/echo")) {
        other.send("x");
        assertEquals("text x", other.read());
        assertEquals(
            "a client came or went", at(asked(viewer, "mark", "lastMessage"), "lastMessage.why"));
      }
      begin(viewer);
      asked(viewer, "mark", "mark");
      assertEquals(
          "no message was under way", at(asked(viewer, "mark", "lastMessage"), "lastMessage.why"));
      // And the figures go on.
      figuresOf(viewer, it -> number(it, "messages.in") == 3);
    }
  }

  private static double perMessage(Map<String, ?> cost, String name) {
    return list(cost, "lastMessage.byName").stream()
        .filter(each -> name.equals(each.get("name")))
        .mapToDouble(each -> number(each, "perMessage"))
        .sum();
  }

  private static void begin(Talker viewer) throws Exception {
    asked(viewer, "quiet", "quiet");
    double mark = number(asked(viewer, "mark", "mark"), "mark");
    assertEquals(0, mark, "what woke the loop for the answer may still be read");
    while (mark == 0) {
      mark = number(asked(viewer, "mark", "mark"), "mark");
    }
    assertEquals(1, mark);
  }

  /// The answer that has that member; figures may come before it.
  private static Map<String, ?> asked(Talker viewer, String word, String member) throws Exception {
    viewer.send(word);
    while (true) {
      var told = JsonReader.object(viewer.read().substring("text ".length()));
      if (told.containsKey(member) && !told.containsKey("systemCalls")) {
        return told;
      }
      assertTrue(told.containsKey("systemCalls"), told::toString);
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
      figuresOf(viewer, it -> isDoing(it, role, doing));
    }
  }

  @Test
  void anOffloadedRequestIsSeenBlockedInItsOwnThread() throws Exception {
    try (DemoServer demo = DemoServer.start(server -> server.loops(1));
        Talker viewer = new Talker("ws://" + demo.hostAndPort() + "/stats");
        Talker slow = new Talker("ws://" + demo.hostAndPort() + "/offload?offload&delay=10000")) {
      slow.send("x");
      // A socket of the JDK with a timeout waits in poll(2).
      figuresOf(viewer, it -> isDoing(it, "offload", "poll") && isDoing(it, "loop", "epoll_wait"));
      demo.backend().close();
    }
  }

  @Test
  void onlyThreadsThatServeHaveARole() {
    assertEquals("loop", ThreadStates.role("pollux-nonblock"));
    assertEquals("client", ThreadStates.role("client-41234@12"));
    assertEquals("acceptor", ThreadStates.role("pollux-accept"));
    assertEquals("offload", ThreadStates.role("pollux-offload-"));
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

  private static boolean isDoing(Map<String, ?> figures, String role, String doing) {
    return list(figures, "now").stream()
        .anyMatch(it -> role.equals(it.get("role")) && doing.equals(it.get("doing")));
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
