package dev.pollux.server;

import dev.pollux.net.simulation.Agenda;
import dev.pollux.net.simulation.Alarm;
import dev.pollux.net.simulation.Chance;
import dev.pollux.net.simulation.Peer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A WebSocket client on a simulated far end, which follows its script: it sends the handshake and
/// its frames in pieces at times of its own, checks what comes back, answers pings and closes, and
/// ends as the script says, or vanishes or falls silent in the middle.
final class SimulatedClient {
  /// What it does besides its script.
  enum Manner {
    POLITE,
    /// Its machine is switched off at some time.
    VANISHES,
    /// It sends no more at some time, and answers nothing.
    FALLS_SILENT
  }

  final int number;
  final DialogueScript script;
  final Manner manner;
  private final Chance chance;
  private final Function<String, AssertionError> failed;
  private final Peer peer;
  private final int pieceBytes;
  private final int pieceMicros;
  private final int readBytes;
  private final int readMicros;
  private final byte[] scratch = new byte[4_096];

  private byte[] outgoing;
  private int sent;
  private boolean allSent;
  private boolean silent;
  private final IncomingFrames incoming;
  private boolean upgraded;
  private int messagesBack;
  int closeCode = -1;
  private boolean closeSent;
  private boolean sawEnd;
  private boolean sawReset;
  private final Alarm turn;

  SimulatedClient(
      int number,
      DialogueScript script,
      Manner manner,
      Agenda agenda,
      Chance chance,
      Peer peer,
      Function<String, AssertionError> failed) {
    this.number = number;
    this.script = script;
    this.manner = manner;
    this.chance = chance;
    this.peer = peer;
    this.failed = failed;
    this.turn = new Alarm(agenda, this::act);
    this.incoming = new IncomingFrames(what -> failed.apply("client " + number + " got " + what));
    this.pieceBytes = 1 + chance.below(1 << chance.between(2, 11));
    this.pieceMicros = 1 + chance.below(1 << chance.between(1, 10));
    this.readBytes = 64 + chance.below(4_000);
    this.readMicros = 1 + chance.below(1 << chance.between(1, 9));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(RawClient.handshake("/echo?" + number));
    all.writeBytes(script.bytes());
    this.outgoing = all.toByteArray();
    peer.onWake(() -> turn.within(chance.micros(readMicros)));
    if (manner != Manner.POLITE) {
      agenda.after(chance.micros(200_000), this::leave);
    }
  }

  private void leave() {
    if (manner == Manner.VANISHES) {
      peer.vanish();
    } else {
      silent = true;
    }
  }

  private void act() {
    if (peer.isOver() || !peer.isConnected()) {
      return;
    }
    read();
    if (!peer.isOver() && !silent) {
      write();
    }
    if (!peer.isOver() && peer.isReadable()) {
      turn.within(chance.micros(readMicros));
    }
  }

  private void write() {
    if (sent < outgoing.length) {
      int length = chance.between(1, Math.min(outgoing.length - sent, pieceBytes));
      int taken = peer.send(outgoing, sent, length);
      sent += taken;
      if (taken > 0) {
        turn.within(chance.micros(pieceMicros));
      }
    } else if (!allSent && upgraded && messagesBack == script.replies()) {
      allSent = true;
      switch (script.ending()) {
        case FIN -> peer.shutdownOutput();
        case RESET -> peer.reset();
        default -> {
          if (script.afterReplies().length > 0) {
            queue(script.afterReplies());
          }
        }
      }
    }
  }

  private void queue(byte[] frame) {
    byte[] longer = Arrays.copyOf(outgoing, outgoing.length + frame.length);
    System.arraycopy(frame, 0, longer, outgoing.length, frame.length);
    outgoing = longer;
    turn.within(1_000);
  }

  private void read() {
    int received = peer.receive(scratch, chance.between(1, Math.min(scratch.length, readBytes)));
    if (received == -1 || received == -2) {
      sawEnd = true;
      sawReset = received == -2;
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
      // A server that is full, or whose handshake took too long, says so and closes.
      if (!head.startsWith("HTTP/1.1 101 ")) {
        String status = head.substring(9, 12);
        if (!status.equals("503") && !status.equals("408")) {
          throw failed.apply("client " + number + " got " + head);
        }
        refused = status;
        return;
      }
      upgraded = true;
    }
    while (refused == null && incoming.takeFrame()) {
      frame(incoming.first(), incoming.payload());
    }
  }

  @Nullable String refused;

  private void frame(int first, byte[] payload) {
    if (closeCode >= 0) {
      throw failed.apply("client " + number + " got a frame behind the close");
    }
    switch (first) {
      case 0x81, 0x82 -> {
        if (messagesBack >= script.replies()
            || !Arrays.equals(payload, script.messages().get(messagesBack))) {
          throw failed.apply("client " + number + " got a wrong message " + messagesBack);
        }
        messagesBack++;
      }
      case 0x89 -> answer(RawClient.frame(0x8A, payload));
      case 0x8A -> {}
      case 0x88 -> {
        closeCode = payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort();
        if (script.ending() != DialogueScript.Ending.CLIENT_CLOSES || sent < outgoing.length) {
          answer(RawClient.frame(0x88, new byte[] {0x03, (byte) 0xE8}));
        }
      }
      default -> throw failed.apply("client " + number + " got frame " + first);
    }
  }

  /// Behind what is on its way: frames are not put into frames.
  private void answer(byte[] frame) {
    if (!silent && !closeSent) {
      closeSent = frame[0] == (byte) 0x88;
      queue(frame);
    }
  }

  /// Whether all went as the script says.
  boolean gotEverything() {
    return upgraded && messagesBack == script.replies();
  }

  int messagesBack() {
    return messagesBack;
  }

  boolean isOver() {
    return peer.isOver();
  }

  boolean wasBroken() {
    return peer.wasBroken();
  }

  @Override
  public String toString() {
    return "client "
        + number
        + ": "
        + script.ending()
        + " "
        + manner
        + " sent "
        + sent
        + " of "
        + outgoing.length
        + (upgraded ? " upgraded" : "")
        + " messages "
        + messagesBack
        + " of "
        + script.replies()
        + (closeCode >= 0 ? " close " + closeCode : "")
        + (refused != null ? " refused " + refused : "")
        + (silent ? " silent" : "")
        + (sawEnd ? " sawEnd" : "")
        + (sawReset ? " sawReset" : "")
        + " "
        + peer;
  }
}
