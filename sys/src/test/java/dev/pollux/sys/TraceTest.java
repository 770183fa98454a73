package dev.pollux.sys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TraceTest {
  private static final Set<SystemCall> ALL = EnumSet.allOf(SystemCall.class);

  private final CompletableFuture<String> stopped = new CompletableFuture<>();

  @Test
  void aLineHasItsThreadAndTheSecondsSinceTheBegin() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Trace trace = new Trace(out, ALL, stopped::complete)) {
      Thread loop = Thread.ofPlatform().name("loop-0").start(() -> trace.line("close(9) = 0"));
      loop.join();
      trace.line("close(10) = 0");
    }
    List<String> lines = out.toString(UTF_8).lines().toList();
    assertEquals(2, lines.size());
    assertTrue(lines.get(0).matches("\\[loop-0] \\d+\\.\\d{6} close\\(9\\) = 0"), lines.get(0));
    assertTrue(lines.get(1).endsWith(" close(10) = 0"), lines.get(1));
    assertFalse(stopped.isDone());
  }

  @Test
  void onlyTheCallsThatAreAskedForAreWanted() {
    try (Trace trace =
        new Trace(new ByteArrayOutputStream(), EnumSet.of(SystemCall.RECV), stopped::complete)) {
      assertTrue(trace.wants(SystemCall.RECV));
      assertFalse(trace.wants(SystemCall.SEND));
    }
  }

  @Test
  void callsAreKnownByTheirNames() {
    assertEquals(SystemCall.EPOLL_WAIT, Trace.call("epoll_wait"));
    assertEquals(SystemCall.IORING_OP_RECV, Trace.call("IORING_OP_RECV"));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Trace.call("recvfrom"));
    assertTrue(
        String.valueOf(refused.getMessage())
            .startsWith("no system call 'recvfrom' is made; there are: socket, "),
        refused.getMessage());
  }

  @Test
  void whenTheStreamFailsTheTraceEndsWithOneSentenceAndNothingElseHappens() throws Exception {
    OutputStream closedPipe =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    try (Trace trace = new Trace(closedPipe, ALL, stopped::complete)) {
      trace.line("close(9) = 0");
      assertEquals(
          "the trace ends here, it can't be written: Broken pipe",
          stopped.get(120, TimeUnit.SECONDS));
      for (int i = 0; i < 100_000; i++) {
        trace.line("close(9) = 0");
      }
      assertFalse(trace.wants(SystemCall.CLOSE));
    }
  }

  static boolean hasAFullDevice() {
    return Files.exists(Path.of("/dev/full"));
  }

  @Test
  @EnabledIf("hasAFullDevice")
  void aFullDiskEndsTheTrace() throws Exception {
    try (Trace trace = new Trace(new FileOutputStream("/dev/full"), ALL, stopped::complete)) {
      trace.line("close(9) = 0");
      assertTrue(stopped.get(120, TimeUnit.SECONDS).contains("No space left on device"));
    }
  }

  @Test
  void whoReadsNothingLosesLinesAndIsToldAndNobodyWaitsForEver() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    OutputStream stuck =
        new OutputStream() {
          @Override
          public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            try {
              open.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            read.write(bytes, offset, length);
          }
        };
    Trace trace = new Trace(stuck, ALL, stopped::complete);
    for (int i = 0; i < 20_000; i++) {
      trace.line("call(" + i + ") = 0");
    }
    open.countDown();
    trace.close();
    String text = read.toString(UTF_8);
    long traced = text.lines().filter(line -> line.endsWith(") = 0")).count();
    AtomicLong lost = new AtomicLong();
    text.lines()
        .filter(line -> line.endsWith(" lines lost: the trace is read too slowly"))
        .forEach(line -> lost.addAndGet(Long.parseLong(line.split(" ", 3)[1])));
    assertTrue(lost.get() > 0, "20,000 lines are more than wait");
    assertEquals(20_000, traced + lost.get());
  }
}
