package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/// A join that waits in the inbox, and what the same thread does behind it.
class WaitingJoinTest {
  private static final OutputPolicy POLICY = OutputPolicy.DEFAULT.withWatermarks(0, 100);

  private final Recorder handler = new Recorder();
  private final Bench bench = new Bench(handler, POLICY);
  private final Group group = bench.sessions.newGroup();

  @Test
  void anOwnSendComesBehindWhatTheGroupWasSentBehindTheJoin() {
    group.join(bench.ws);
    group.sendText("to the group");
    bench.ws.sendText("to oneself");
    bench.connection.runTasks();
    assertEquals(List.of("text to the group", "text to oneself"), bench.sent());
  }

  @Test
  void aCloseComesBehindWhatTheGroupWasSentBehindTheJoin() {
    group.join(bench.ws);
    group.sendText("to the group");
    bench.ws.close(1000, "");
    bench.connection.runTasks();
    assertEquals(List.of("text to the group", "close 1000"), bench.sent());
  }

  @Test
  void onDrainIsToldThoughTheOutputDrainsWhileAJoinWaits() {
    group.join(bench.ws);
    bench.connection.runTasks();
    for (int joins = 0; joins < 2; joins++) {
      bench.ws.sendBinary(new byte[200]);
      // A member already the second time.
      group.join(bench.ws);
      group.leave(bench.ws);
      group.join(bench.ws);
      group.join(bench.ws);
      bench.connection.flush();
      bench.connection.runTasks();
    }
    assertEquals(List.of("open", "drain", "drain"), handler.take());
    assertEquals(0, bench.ws.pendingOutput());
    assertEquals(1, group.size());
  }
}
