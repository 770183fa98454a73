package dev.pollux.server;

import dev.pollux.net.simulation.Agenda;
import dev.pollux.net.simulation.Alarm;
import dev.pollux.net.simulation.Chance;
import dev.pollux.net.simulation.Peer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A client of a simulated chat: it says "go" a few times, upon which the server's handler does
/// something, gives what it gets to the record, and answers pings and closes; and leaves in its own
/// manner.
final class ChatClient {
  /// How it behaves besides that.
  enum Manner {
    STAYS,
    /// For a while it reads nothing.
    STALLS,
    /// It sends a close frame in the middle of it all.
    LEAVES,
    RESETS,
    /// Its machine is switched off.
    VANISHES
  }

  final int number;
  final Manner manner;
  private final Agenda agenda;
  private final Chance chance;
  private final ChatRecord record;
  private final Function<String, AssertionError> failed;
  private final Peer peer;
  private final IncomingFrames incoming;
  private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
  private final byte[] scratch = new byte[4_096];
  private final int readBytes;
  private final int readMicros;
  private int gos;
  private boolean upgraded;
  private boolean closeSent;
  private @Nullable String refused;
  private boolean sawClose;
  private long readsFromNanos;
  private final Alarm turn;

  ChatClient(
      int number,
      Agenda agenda,
      Chance chance,
      ChatRecord record,
      Peer peer,
      Function<String, AssertionError> failed) {
    this.number = number;
    this.agenda = agenda;
    this.chance = chance;
    this.record = record;
    this.peer = peer;
    this.failed = failed;
    this.turn = new Alarm(agenda, this::act);
    this.incoming = new IncomingFrames(what -> failed.apply("client " + number + " got " + what));
    this.manner = chance.percent(60) ? Manner.STAYS : Manner.values()[chance.between(1, 4)];
    this.readBytes = 64 + chance.below(4_000);
    this.readMicros = 1 + chance.below(1 << chance.between(1, 9));
    this.gos = chance.between(1, 12);
    queue(RawClient.handshake("/chat?" + number));
    peer.onWake(() -> turn.within(chance.micros(readMicros)));
    agenda.after(chance.micros(30_000), this::go);
    if (manner != Manner.STAYS) {
      agenda.after(chance.micros(200_000), this::behave);
    }
  }

  private void go() {
    if (!closeSent && refused == null) {
      queue(RawClient.text("go"));
      if (--gos > 0) {
        agenda.after(chance.micros(30_000), this::go);
      }
    }
  }

  private void behave() {
    switch (manner) {
      case STALLS -> {
        long nanos = chance.micros(1_500_000);
        readsFromNanos = agenda.now() + nanos;
        agenda.after(nanos, () -> turn.within(1));
      }
      case LEAVES -> close();
      case RESETS -> peer.reset();
      case VANISHES -> peer.vanish();
      case STAYS -> {}
    }
  }

  /// Sends a close frame.
  void close() {
    if (!closeSent && upgraded) {
      closeSent = true;
      queue(RawClient.frame(0x88, new byte[] {0x03, (byte) 0xE8}));
    } else if (!upgraded) {
      peer.close();
    }
  }

  private void queue(byte[] bytes) {
    unsent.writeBytes(bytes);
    turn.within(1_000);
  }

  private void act() {
    if (peer.isOver() || !peer.isConnected()) {
      return;
    }
    boolean reads = agenda.now() >= readsFromNanos;
    if (reads) {
      read();
    }
    write();
    if (reads && !peer.isOver() && peer.isReadable()) {
      turn.within(chance.micros(readMicros));
    }
  }

  private void write() {
    if (unsent.size() > 0 && !peer.isOver()) {
      byte[] all = unsent.toByteArray();
      int taken = peer.send(all, 0, chance.between(1, Math.min(all.length, 500)));
      unsent.reset();
      unsent.write(all, taken, all.length - taken);
      if (taken > 0) {
        turn.within(chance.micros(200));
      }
    }
  }

  private void read() {
    int received = peer.receive(scratch, chance.between(1, Math.min(scratch.length, readBytes)));
    if (received < 0) {
      peer.close();
    } else if (received > 0) {
      incoming.add(scratch, received);
      parse();
    }
  }

  private void parse() {
    if (!upgraded && refused == null) {
      String head = incoming.takeHead();
      if (head == null) {
        return;
      }
      upgraded = head.startsWith("HTTP/1.1 101 ");
      refused = upgraded ? null : head;
    }
    while (refused == null && incoming.takeFrame()) {
      frame(incoming.first(), incoming.payload());
    }
  }

  private void frame(int first, byte[] payload) {
    if (sawClose) {
      throw failed.apply("client " + number + " got a frame behind the close");
    }
    switch (first) {
      case 0x81 -> record.got(number, payload);
      case 0x89 -> {
        if (!closeSent) {
          queue(RawClient.frame(0x8A, payload));
        }
      }
      case 0x88 -> {
        sawClose = true;
        if (!closeSent) {
          closeSent = true;
          queue(RawClient.frame(0x88, new byte[] {0x03, (byte) 0xE8}));
        }
      }
      default ->
          throw failed.apply(
              "client "
                  + number
                  + " got frame "
                  + first
                  + " "
                  + new String(payload, StandardCharsets.ISO_8859_1));
    }
  }

  /// Whether it gets everything to the end.
  boolean stays() {
    return upgraded && (manner == Manner.STAYS || manner == Manner.STALLS) && !sawClose;
  }

  boolean isOver() {
    return peer.isOver();
  }

  @Override
  public String toString() {
    return "client "
        + number
        + " "
        + manner
        + (upgraded ? " upgraded" : "")
        + (refused != null ? " " + refused : "")
        + (closeSent ? " closeSent" : "")
        + (sawClose ? " sawClose" : "")
        + " unsent="
        + unsent.size()
        + " "
        + peer;
  }
}
