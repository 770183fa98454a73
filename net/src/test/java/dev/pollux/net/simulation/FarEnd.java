package dev.pollux.net.simulation;

import dev.pollux.sys.Errno;

/// The other side of a connection: sends bytes in pieces, reads them back fast or slowly, and ends
/// it in one of several ways. It lives in the agenda, not behind the kernel.
final class FarEnd {
  private static final int SCRATCH = 8 * 1024;

  private final EchoSchedule schedule;
  private final EchoCase plan;
  private final Agenda agenda;
  private final Chance chance;
  private final byte[] scratch = new byte[SCRATCH];
  final TcpEnd tcp;
  private int sent;
  private int got;
  private long nextPieceNanos;
  private long readsFromNanos;
  private final Alarm turn;
  private boolean hasRoom = true;
  private boolean outputShut;
  private boolean sawEnd;
  private boolean sawReset;
  private boolean over;

  FarEnd(EchoSchedule schedule, EchoCase plan, Chance chance) {
    this.schedule = schedule;
    this.plan = plan;
    this.agenda = schedule.agenda();
    this.chance = chance;
    this.turn = new Alarm(agenda, this::act);
    Network network = schedule.network();
    this.tcp = new TcpEnd(network, network.bufferBytes(), network.bufferBytes());
    tcp.localPort = plan.port();
    tcp.onWake = this::soon;
  }

  /// Connects to the server.
  void connect(int port) {
    begin();
    schedule.network().connect(tcp, port);
  }

  /// It is connected, or about to be.
  void begin() {
    readsFromNanos = agenda.now() + plan.readsAfterNanos;
    if (plan.ending == EchoCase.Ending.RESETS || plan.ending == EchoCase.Ending.VANISHES) {
      agenda.after(plan.endsAfterNanos, this::endRudely);
    }
  }

  private void endRudely() {
    if (!over) {
      over = true;
      if (plan.ending == EchoCase.Ending.RESETS) {
        tcp.close(true);
      } else {
        tcp.vanish();
      }
    }
  }

  private void soon() {
    turn.within(chance.micros(plan.readMicros));
  }

  private void act() {
    if (over || tcp.state == TcpEnd.State.FRESH || tcp.state == TcpEnd.State.CONNECTING) {
      return;
    }
    read();
    if (!over) {
      write();
      end();
    }
    long now = agenda.now();
    if (tcp.isReadable() || tcp.isInputOver()) {
      turn.within(Math.max(readsFromNanos - now, chance.micros(plan.readMicros)));
    }
    if (sent < plan.total && !outputShut && hasRoom) {
      turn.within(Math.max(nextPieceNanos - now, 1_000));
    }
  }

  private void read() {
    if (agenda.now() < readsFromNanos) {
      return;
    }
    int result = tcp.receive(scratch, chance.between(1, Math.min(SCRATCH, plan.readBytes)));
    if (result > 0) {
      check(result);
    } else if (result == 0) {
      sawEnd = true;
      close();
    } else if (result != -Errno.EAGAIN) {
      sawReset = true;
      close();
    }
  }

  private void check(int length) {
    int ofGreeting = Math.clamp(plan.greeting - got, 0, length);
    int wrong = Content.wrong(scratch, 0, ofGreeting, -1 - plan.id, got);
    if (wrong < 0) {
      wrong = Content.wrong(scratch, ofGreeting, length, plan.id, got + ofGreeting - plan.greeting);
    }
    if (wrong >= 0) {
      throw new SimulationFailure("far end " + plan.id + " got a wrong byte at " + (got + wrong));
    }
    got += length;
    if (got > plan.greeting + sent) {
      throw new SimulationFailure("far end " + plan.id + " got more than it sent: " + got);
    }
  }

  private void write() {
    if (sent == plan.total || outputShut || agenda.now() < nextPieceNanos) {
      return;
    }
    int room = tcp.sendRoom();
    hasRoom = room > 0;
    if (!hasRoom) {
      return;
    }
    int most = Math.min(Math.min(room, SCRATCH), Math.min(plan.pieceBytes, plan.total - sent));
    int length = chance.between(1, most);
    Content.fill(scratch, length, plan.id, sent);
    tcp.send(scratch, 0, length);
    sent += length;
    nextPieceNanos = agenda.now() + chance.micros(plan.pieceMicros);
  }

  private void end() {
    switch (plan.ending) {
      case HALF_CLOSES -> {
        if (sent == plan.total && !outputShut) {
          outputShut = true;
          tcp.shutdownOutput();
        }
      }
      case CLOSES_WHEN_ECHOED -> {
        if (got == plan.greeting + plan.total) {
          close();
        }
      }
      case CLOSES_AT_ONCE -> {
        if (sent == plan.total) {
          close();
        }
      }
      case RESETS, VANISHES -> {}
    }
  }

  private void close() {
    over = true;
    tcp.close(false);
  }

  boolean isOver() {
    return over;
  }

  /// It has got all of this many bytes, and has seen no reset.
  boolean gotAll(int bytes) {
    return got == bytes && !sawReset;
  }

  int got() {
    return got;
  }

  int sent() {
    return sent;
  }

  @Override
  public String toString() {
    return "sent="
        + sent
        + " got="
        + got
        + (outputShut ? " outputShut" : "")
        + (sawEnd ? " sawEnd" : "")
        + (sawReset ? " sawReset" : "")
        + (over ? " over" : "")
        + " ["
        + tcp
        + "] near ["
        + tcp.peer
        + "]";
  }
}
