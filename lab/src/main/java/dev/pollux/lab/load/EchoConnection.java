package dev.pollux.lab.load;

import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;

/// Sends messages and checks that each comes back, in order. It sends the next one when one has
/// come back (closed loop), or when a [Pacer] says that it is due.
final class EchoConnection extends SendingConnection {
  private final int place;
  private final int payloadBytes;
  private final int expectedOpcode;
  // When message s was sent, at s % inFlight; empty if it is paced.
  private final long[] sentNanos;
  private long sent;
  private long received;
  // Messages that were sent before this stretch.
  private long sentBefore;
  // Due and not sent, because too many are outstanding.
  private long owed;
  private int window;
  private int checked;

  /// @param place its place among the active connections
  EchoConnection(LoadRun run, int index, int place) {
    super(run, index);
    this.place = place;
    this.payloadBytes = run.plan().payloadBytes();
    this.expectedOpcode = run.plan().text() ? Opcode.TEXT : Opcode.BINARY;
    this.sentNanos = new long[run.isPaced() ? 0 : run.plan().inFlight()];
  }

  @Override
  void beginStretch() {
    sentBefore = sent;
    owed = 0;
  }

  @Override
  void begin() {
    batchNanos = System.nanoTime();
    while (outstanding() < run.plan().inFlight() && isGood() && run.isSending()) {
      send();
    }
  }

  private long outstanding() {
    return sent - received;
  }

  private void send() {
    if (sentNanos.length > 0) {
      sentNanos[(int) (sent % sentNanos.length)] = batchNanos;
    }
    run.payloads().send(connection(), index, sent);
    sent++;
  }

  @Override
  int place() {
    return place;
  }

  @Override
  void due() {
    if (isGood()) {
      owed++;
      sendOwed();
    }
  }

  private void sendOwed() {
    for (; owed > 0 && outstanding() < run.plan().inFlight(); owed--) {
      send();
    }
  }

  @Override
  void onMessageStart(int opcode) {
    if (received == sent) {
      throw new Different("a message that was not asked for");
    }
    if (opcode != expectedOpcode) {
      throw new Different("a " + Opcode.name(opcode) + " message instead of the other kind");
    }
    window = run.payloads().window(index, received);
    checked = 0;
  }

  @Override
  void onMessageBytes(MemorySegment buffer, int offset, int length) {
    if (checked + length > payloadBytes) {
      throw new Different("message " + received + " is longer than " + payloadBytes + " bytes");
    }
    long at = run.payloads().difference(window, checked, buffer, offset, length);
    if (at >= 0) {
      throw new Different("byte " + at + " of message " + received + " differs");
    }
    checked += length;
  }

  @Override
  void onMessageEnd() {
    if (checked != payloadBytes) {
      throw new Different(
          "message " + received + " has " + checked + " bytes instead of " + payloadBytes);
    }
    long begun =
        sentNanos.length == 0
            ? run.intendedNanos(place, received - sentBefore)
            : sentNanos[(int) (received % sentNanos.length)];
    received(batchNanos - begun);
    received++;
    if (sentNanos.length > 0 && run.isSending()) {
      send();
    }
  }

  @Override
  void onBatchEnd() {
    if (owed > 0 && run.isSending() && isGood()) {
      sendOwed();
    }
  }

  @Override
  long outstandingNow() {
    return isGood() ? outstanding() : 0;
  }

  @Override
  long owedNow() {
    return owed;
  }
}
