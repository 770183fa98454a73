package dev.pollux.net.simulation;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.SharedOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// An echo that holds its engine to the contract: each callback is checked against what may come,
/// each byte against what was sent. It suspends, pauses, echoes from tasks, closes, aborts and
/// throws as its case says.
final class CheckedEcho implements Protocol {
  private static final int FOR_OUTPUT = 1;
  private static final int FOR_PAUSE = 2;
  private static final int FOR_ANOTHER = 4;

  /// How late a timer may be: the wheel's ticks, and slow turns.
  private static final long LATE_NANOS = 200_000_000L;

  static final class Thrown extends RuntimeException {
    private static final long serialVersionUID = 1;

    Thrown() {
      super("thrown on purpose", null, false, false);
    }
  }

  private final EchoSchedule schedule;
  private final Chance chance;
  private @Nullable EchoCase plan;
  private @Nullable Connection connection;
  private @Nullable MemorySegment held;
  private int received;
  private int committed;
  private int holds;
  private boolean suspended;
  private long timerDueNanos = -1;
  private boolean inputOver;
  private boolean closing;
  private boolean aborted;
  private boolean threw;
  private boolean connectFailed;
  private @Nullable Refusal refusal;
  @Nullable CloseReason reason;

  /// @param plan null if it is known only when the peer is
  CheckedEcho(EchoSchedule schedule, @Nullable EchoCase plan, Chance chance) {
    this.schedule = schedule;
    this.plan = plan;
    this.chance = chance;
    if (plan != null) {
      plan.echo = this;
    }
  }

  private EchoCase plan() {
    if (plan == null) {
      throw schedule.failed("an event before onOpen");
    }
    return plan;
  }

  private void requireLive(String what) {
    if (connection == null || reason != null || refusal != null || connectFailed) {
      throw schedule.failed(what + " outside of onOpen and onClosed: " + plan);
    }
    requireTurn(connection, what);
  }

  private void requireTurn(Connection which, String what) {
    if (!which.isOwner() || !which.isInTurn()) {
      throw schedule.failed(what + " by a thread whose turn it is not: " + plan);
    }
  }

  /// Now and then, from any callback, something for another connection.
  private void sendAcross() {
    EchoCase of = plan;
    if (of != null && chance.percent(of.acrossPercent)) {
      schedule.acrosses().send(3);
    }
  }

  @Override
  public void onOpen(Connection opened) {
    if (connection != null || reason != null || refusal != null || connectFailed) {
      throw schedule.failed("onOpen comes second: " + plan);
    }
    connection = opened;
    if (plan == null) {
      plan = schedule.caseOf(opened.remoteAddress());
      if (plan.echo != null) {
        throw schedule.failed("accepted twice: " + plan);
      }
      plan.echo = this;
    }
    requireTurn(opened, "onOpen");
    greet(opened, plan);
    sendAcross();
  }

  private void greet(Connection opened, EchoCase of) {
    if (of.greeting == 0) {
      return;
    }
    byte[] words = new byte[of.greeting];
    Content.fill(words, words.length, -1 - of.id, 0);
    if (of.greetingShared) {
      SharedOutput shared = SharedOutput.allocate(words.length);
      MemorySegment.copy(words, 0, shared.memory(), ValueLayout.JAVA_BYTE, 0, words.length);
      opened.append(shared);
      shared.release();
    } else {
      opened.write(MemorySegment.ofArray(words), 0, words.length);
    }
    committed += words.length;
  }

  @Override
  public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
    requireLive("onBytes");
    EchoCase of = plan();
    if (length <= 0 || inputOver || closing || aborted) {
      throw schedule.failed("onBytes of " + length + " bytes after the end: " + of);
    }
    if (suspended) {
      throw schedule.failed("onBytes while reading is suspended: " + of);
    }
    int wrong = Content.wrong(buffer, offset, length, of.id, received);
    if (wrong >= 0) {
      throw schedule.failed("a wrong byte was received at " + (received + wrong) + ": " + of);
    }
    received += length;
    sendAcross();
    if (of.trick != EchoCase.Trick.NONE && received >= of.trickAt) {
      playTrick(from, of, buffer, offset, length);
      return;
    }
    echo(from, buffer, offset, length);
    if (chance.percent(of.pausePercent)) {
      pause(from);
    }
  }

  private void playTrick(
      Connection from, EchoCase of, MemorySegment buffer, int offset, int length) {
    switch (of.trick) {
      case ABORTS -> {
        aborted = true;
        from.abort();
      }
      case CLOSES -> {
        echo(from, buffer, offset, length);
        close(from);
      }
      case THROWS -> {
        threw = true;
        throw new Thrown();
      }
      case NONE -> {}
    }
  }

  private void echo(Connection to, MemorySegment buffer, int offset, int length) {
    if (!plan().byTask) {
      commit(to, buffer, offset, length);
      return;
    }
    byte[] copy = buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    schedule.taskOffered(
        to.execute(() -> {
          schedule.taskRan();
          if (to.isOpen()) {
            commit(to, MemorySegment.ofArray(copy), 0, copy.length);
          }
        }));
  }

  private void commit(Connection to, MemorySegment buffer, int offset, int length) {
    to.write(buffer, offset, length);
    committed += length;
    if (to.pendingOutput() > plan().watermark) {
      hold(FOR_OUTPUT);
    }
  }

  private void close(Connection which) {
    if (plan().byTask) {
      schedule.taskOffered(
          which.execute(() -> {
            schedule.taskRan();
            closing = true;
            which.close();
          }));
    } else {
      closing = true;
      which.close();
    }
  }

  // Reading is suspended for several reasons at once.

  private void hold(int why) {
    Connection held = connection;
    holds |= why;
    if (held != null && !suspended && held.isOpen()) {
      suspended = true;
      held.suspendReading();
    }
  }

  private void release(int why) {
    Connection held = connection;
    holds &= ~why;
    if (held != null && holds == 0 && suspended && held.isOpen()) {
      suspended = false;
      held.resumeReading();
    }
  }

  void releaseForAnother() {
    release(FOR_ANOTHER);
  }

  private void pause(Connection which) {
    if (timerDueNanos >= 0 || !which.isOpen()) {
      return;
    }
    hold(FOR_PAUSE);
    held = which.buffers().borrow(chance.between(1, 5_000));
    timerDueNanos = schedule.agenda().now() + plan().pauseNanos;
    which.setTimer(plan().pauseNanos);
  }

  @Override
  public void onTimer(Connection which) {
    requireLive("onTimer");
    long now = schedule.agenda().now();
    if (timerDueNanos < 0 || closing) {
      throw schedule.failed("onTimer without a timer: " + plan);
    }
    if (now < timerDueNanos || now - timerDueNanos > LATE_NANOS) {
      throw schedule.failed(
          "onTimer " + (now - timerDueNanos) / 1_000 + " us after it was due: " + plan);
    }
    timerDueNanos = -1;
    giveBack(which);
    sendAcross();
    release(FOR_PAUSE);
  }

  private void giveBack(Connection to) {
    MemorySegment memory = held;
    if (memory != null) {
      held = null;
      to.buffers().giveBack(memory);
    }
  }

  @Override
  public void onDrained(Connection which) {
    requireLive("onDrained");
    sendAcross();
    if (which.pendingOutput() <= plan().watermark / 2) {
      release(FOR_OUTPUT);
    }
  }

  @Override
  public void onFlush(Connection which) {
    requireLive("onFlush");
  }

  @Override
  public void onEndOfInput(Connection which) {
    requireLive("onEndOfInput");
    if (inputOver) {
      throw schedule.failed("onEndOfInput comes twice: " + plan);
    }
    inputOver = true;
    close(which);
  }

  @Override
  public void onClosed(Connection which, CloseReason why) {
    if (connection == null || reason != null || refusal != null || connectFailed) {
      throw schedule.failed("onClosed " + why + " comes second, or without onOpen: " + plan);
    }
    reason = why;
    timerDueNanos = -1;
    giveBack(which);
    requireTurn(which, "onClosed");
    justify(why, plan());
    sendAcross();
  }

  private void justify(CloseReason why, EchoCase of) {
    boolean just =
        switch (why) {
          case CLOSED -> closing;
          case ABORTED -> aborted || closing;
          case RESET -> wasBroken(of);
          case FAILED -> threw;
          case ENGINE_CLOSED -> schedule.isEnding();
          default -> false;
        };
    if (!just) {
      throw schedule.failed("no reason for " + why + ": " + of);
    }
  }

  /// Whether the kernel had reason to say that the connection is gone.
  private static boolean wasBroken(EchoCase of) {
    FarEnd far = of.farEnd;
    TcpEnd near = far == null ? null : far.tcp.peer;
    return near == null || near.broken;
  }

  @Override
  public void onRefused(Connection which, Refusal why) {
    if (connection != null || refusal != null) {
      throw schedule.failed("onRefused comes second: " + plan);
    }
    refusal = why;
    InetSocketAddress from = which.remoteAddress();
    if (plan == null) {
      plan = schedule.caseOf(from);
      plan.echo = this;
    }
  }

  @Override
  public void onConnectFailed(IOException cause) {
    if (connection != null || connectFailed || plan == null) {
      throw schedule.failed("onConnectFailed comes second: " + plan);
    }
    connectFailed = true;
    if (plan.isReachable() && !schedule.mayFailToConnect() && !wasBroken(plan)) {
      throw schedule.failed("no reason for a failed connect (" + cause.getMessage() + "): " + plan);
    }
  }

  void abort() {
    Connection which = connection;
    if (which != null && which.isOpen()) {
      aborted = true;
      which.abort();
    }
  }

  /// Null before there is one.
  @Nullable Connection connection() {
    return connection;
  }

  /// Suspends reading for a while. As its owner.
  void holdAWhile(long nanos) {
    hold(FOR_ANOTHER);
    schedule.releaseAfter(nanos, this);
  }

  boolean isOpen() {
    return connection != null && reason == null;
  }

  String end() {
    if (connectFailed) {
      return "NOT_CONNECTED";
    }
    return refusal != null ? refusal.name() : String.valueOf(reason);
  }

  boolean awaitsTimer() {
    return timerDueNanos >= 0;
  }

  int committed() {
    return committed;
  }

  boolean wasTamperedWith() {
    return aborted || threw || refusal != null || connectFailed;
  }

  @Override
  public String toString() {
    return "received="
        + received
        + " committed="
        + committed
        + (suspended ? " suspended for " + holds : "")
        + (timerDueNanos >= 0 ? " timer set" : "")
        + (inputOver ? " inputOver" : "")
        + (closing ? " closing" : "")
        + (aborted ? " aborted" : "")
        + (threw ? " threw" : "")
        + (refusal != null ? " " + refusal : "")
        + (connectFailed ? " connectFailed" : "")
        + (reason != null ? " " + reason : connection != null ? " open" : " not open");
  }
}
