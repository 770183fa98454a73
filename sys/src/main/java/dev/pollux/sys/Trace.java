package dev.pollux.sys;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Writes the lines of a trace to a stream: the thread, the seconds since the trace began, the
/// call. `[pollux-epoll-0] 0.001234 accept4(3, {127.0.0.1:51234}, ...) = 9`.
///
/// A thread of its own writes. A reader that is slower than the calls slows those down, as with
/// strace(1); one that takes nothing at all for [#PATIENCE_MILLIS] loses lines, and is told how
/// many. When the stream fails (the disk is full, the pipe is closed) the trace ends with one
/// sentence, and who is traced goes on.
public final class Trace implements TraceSink, AutoCloseable {
  /// How long a call waits for a reader who takes nothing.
  public static final int PATIENCE_MILLIS = 100;

  private static final int LINES_WAITING = 8192;

  /// No call is an empty line.
  private static final String END = "";

  private final OutputStream out;
  private final Set<SystemCall> calls;
  private final Consumer<String> whenStopped;
  private final long beginNanos = System.nanoTime();
  private final ArrayBlockingQueue<String> lines = new ArrayBlockingQueue<>(LINES_WAITING);
  private final AtomicLong lost = new AtomicLong();
  private final Thread writer;
  private volatile boolean stalled;
  private volatile boolean stopped;

  /// Begins a trace, which owns `out`.
  ///
  /// @param calls what is traced
  /// @param whenStopped told in one sentence that the trace ended because `out` failed
  public Trace(OutputStream out, Set<SystemCall> calls, Consumer<String> whenStopped) {
    this.out = out;
    this.calls = EnumSet.copyOf(calls);
    this.whenStopped = whenStopped;
    this.writer = Thread.ofPlatform().daemon().name("trace").start(this::write);
  }

  /// The call or operation of a ring by its name, `epoll_wait` or `IORING_OP_RECV`, in upper or
  /// lower case.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists the names that there are
  public static SystemCall call(String name) {
    for (SystemCall call : SystemCall.values()) {
      if (call.name().equals(name.toUpperCase(Locale.ROOT))) {
        return call;
      }
    }
    StringBuilder known = new StringBuilder("no system call '" + name + "' is made; there are:");
    for (SystemCall call : SystemCall.values()) {
      known.append(call == SystemCall.SOCKET ? " " : ", ").append(call);
    }
    throw new IllegalArgumentException(known.toString());
  }

  @Override
  public boolean wants(SystemCall call) {
    return !stopped && calls.contains(call);
  }

  @Override
  public void line(String call) {
    long micros = (System.nanoTime() - beginNanos) / 1_000;
    String line =
        "["
            + Thread.currentThread().getName()
            + "] "
            + micros / 1_000_000
            + "."
            + String.valueOf(1_000_000 + micros % 1_000_000).substring(1)
            + " "
            + call
            + "\n";
    if (!offer(line)) {
      lost.incrementAndGet();
    }
  }

  private boolean offer(String line) {
    if (stopped || lines.offer(line)) {
      return true;
    }
    if (stalled) {
      return false;
    }
    try {
      boolean taken = lines.offer(line, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      stalled = !taken;
      return taken;
    } catch (InterruptedException e) {
      // Meant for what the caller does next.
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void write() {
    try {
      String line = lines.take();
      while (!line.equals(END)) {
        out.write(line.getBytes(StandardCharsets.UTF_8));
        stalled = false;
        tellLost();
        if (lines.isEmpty()) {
          out.flush();
        }
        line = lines.take();
      }
      tellLost();
      out.flush();
    } catch (IOException e) {
      stopped = true;
      whenStopped.accept("the trace ends here, it can't be written: " + e.getMessage());
    } catch (InterruptedException e) {
      // Nobody interrupts it but the end of the JVM.
      stopped = true;
    } finally {
      stopped = true;
      lines.clear();
    }
  }

  private void tellLost() throws IOException {
    long missing = lost.getAndSet(0);
    if (missing > 0) {
      String line = "... " + missing + " lines lost: the trace is read too slowly\n";
      out.write(line.getBytes(StandardCharsets.UTF_8));
    }
  }

  /// Writes what waits, for at most a second, and closes the stream.
  @Override
  public void close() {
    boolean interrupted = false;
    try {
      if (!stopped && lines.offer(END, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        writer.join(1_000);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    stopped = true;
    if (!writer.isAlive()) {
      closeStream();
    } else {
      // It sits in a write that nobody takes: the stream's end is the process's.
      writer.interrupt();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeStream() {
    try {
      out.close();
    } catch (IOException e) {
      // What could be written has been.
    }
  }
}
