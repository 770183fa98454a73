package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/// What becomes of a session for whose output there is no memory left: it ends, and nobody else has
/// failed.
final class MemoryShortageTest {
  private final Recorder handler = new Recorder();
  private final Bench bench = new Bench(handler);

  @Test
  void whoIsSentAMessageEnds() {
    bench.connection.overBudget = true;
    bench.ws.sendBinary(new byte[10]);
    assertEnded();
  }

  @Test
  void whoIsSentAMessageOfAGroupEnds() {
    bench.connection.overBudget = true;
    bench.sessions.everyone().sendBinary(ByteBuffer.wrap(new byte[10]));
    bench.connection.runTasks();
    assertEnded();
  }

  private void assertEnded() {
    assertTrue(bench.connection.aborted);
    assertEquals(0, bench.sessions.statistics().handlerFailures());
  }
}
