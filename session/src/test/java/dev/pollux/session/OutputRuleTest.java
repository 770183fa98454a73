package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/// What is decided about output holds for all numbers, and for a session that goes any way through
/// them.
class OutputRuleTest {

  @Provide
  Arbitrary<OutputPolicy> policies() {
    Arbitrary<Integer> bytes = Arbitraries.integers().between(0, 2000);
    return Combinators.combine(bytes, bytes, bytes, Arbitraries.of(true, false))
        .as((low, more, still, pause) ->
            new OutputPolicy(
                low + more, low, low + more + still, OutputPolicy.Overflow.DROP, pause));
  }

  @Property
  void refusingAndStoppingAndDrainingContradictNeitherThemselvesNorTheOrderOfTheMarks(
      @ForAll("policies") OutputPolicy policy,
      @ForAll @IntRange(max = Integer.MAX_VALUE) int wire,
      @ForAll @IntRange(max = Integer.MAX_VALUE) int inbox) {
    long pending = (long) wire + inbox;
    boolean drained = OutputRule.isDrained(policy, wire, inbox);
    boolean refused = OutputRule.refuses(policy.maxPendingBytes(), pending);
    SendStatus status = OutputRule.status(policy, pending);
    assertFalse(drained && refused, "what has drained is not refused");
    assertFalse(drained && status == SendStatus.BACKPRESSURE, "nor told to wait");
    if (refused) {
      assertEquals(SendStatus.BACKPRESSURE, status);
    }
    assertEquals(
        policy.pauseReading() && status == SendStatus.BACKPRESSURE,
        OutputRule.stopsReading(policy, false, wire, inbox),
        "a server stops reading exactly when it says BACKPRESSURE for what can go out");
    assertFalse(OutputRule.stopsReading(policy, true, wire, inbox), "a client never does");
  }

  /// A step of a session's life: a message from its own callback or from elsewhere, a part of one,
  /// the owner's work, the kernel's.
  enum Step {
    SEND,
    SEND_ELSEWHERE,
    PART,
    FINISH,
    OWNER,
    KERNEL_SOME,
    KERNEL_ALL
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Arbitraries.of(Step.values()).list().ofMinSize(1).ofMaxSize(60);
  }

  @Property(tries = 400)
  void whoeverIsToldToWaitIsToldOfDrainInTheEndAndWhatIsAcceptedIsSent(
      @ForAll("policies") OutputPolicy policy,
      @ForAll("steps") List<Step> steps,
      @ForAll @IntRange(min = 1, max = 700) int length)
      throws InterruptedException {
    Recorder handler = new Recorder();
    Bench bench = new Bench(handler, policy);
    bench.connection.kernelRoom = 0;
    Life life = new Life(bench, length);
    for (Step step : steps) {
      life.step(step);
      assertTrue(bench.ws.pendingOutput() >= 0);
      assertTrue(
          bench.ws.pendingOutput() <= 2L * policy.maxPendingBytes() + 3L * (length + 20),
          "parts are bounded by themselves, and one message more may come on each way");
    }
    life.finish();
    life.drain();
    assertEquals(0, bench.ws.pendingOutput());
    assertFalse(bench.ws.drainOwed, "nobody waits for ever");
    assertFalse(bench.connection.readingSuspended);
    assertEquals(life.toldToWait, handler.take().contains("drain"));
    assertEquals(life.accepted, Wire.read(bench.connection.takeSent()).size());
  }

  /// Sends as the steps say, and counts.
  private static final class Life {
    private final Bench bench;
    private final byte[] payload;
    private @Nullable MessageStream stream;
    private boolean toldToWait;
    private int accepted;

    Life(Bench bench, int length) {
      this.bench = bench;
      this.payload = new byte[length];
    }

    void step(Step step) throws InterruptedException {
      switch (step) {
        case SEND -> count(bench.ws.sendBinary(payload));
        case SEND_ELSEWHERE ->
            Thread.ofPlatform().start(() -> count(bench.ws.sendBinary(payload))).join();
        case PART -> {
          MessageStream begun = stream == null ? bench.ws.streamBinary() : stream;
          stream = begun;
          toldToWait |= begun.send(ByteBuffer.wrap(payload)) == SendStatus.BACKPRESSURE;
        }
        case FINISH -> finish();
        case OWNER -> bench.connection.runTasks();
        case KERNEL_SOME -> takes(100);
        case KERNEL_ALL -> takes(Integer.MAX_VALUE);
      }
    }

    private void takes(int bytes) {
      bench.connection.kernelRoom = bytes;
      bench.connection.flush();
      bench.connection.kernelRoom = 0;
    }

    /// A part that is refused is sent again when there is room.
    void finish() {
      MessageStream begun = stream;
      while (begun != null) {
        SendStatus status = begun.finish();
        if (status.isAccepted()) {
          toldToWait |= status == SendStatus.BACKPRESSURE;
          accepted++;
          begun = null;
        } else {
          drain();
        }
      }
      stream = null;
    }

    /// The owner and the kernel do all that there is for them to do.
    void drain() {
      bench.connection.kernelRoom = Integer.MAX_VALUE;
      do {
        bench.connection.flush();
      } while (bench.connection.runTasks() > 0);
      bench.connection.flush();
      bench.connection.kernelRoom = 0;
    }

    private void count(SendStatus status) {
      accepted += status.isAccepted() ? 1 : 0;
      toldToWait |= status == SendStatus.BACKPRESSURE;
    }
  }
}
