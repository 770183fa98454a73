package dev.pollux.lab.load;

import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;

/// Receives what the publisher publishes, for all or for its room, and checks it. A message that is
/// missing between others was dropped by the server, which it may do for a slow subscriber: it is
/// counted, not an error of its bytes.
final class SubscriberConnection extends LoadConnection {
  private final FanOut fanOut;
  private final int publisher;
  private final int payloadBytes;
  private final int expectedOpcode;
  // From one of its messages to the next: the rooms take turns.
  private final int step;
  private long next;
  private int window;
  private int checked;

  SubscriberConnection(LoadRun run, int index, PublisherConnection publisher) {
    super(run, index);
    this.fanOut = publisher.fanOut();
    this.publisher = publisher.index;
    this.payloadBytes = run.plan().payloadBytes();
    this.expectedOpcode = run.plan().text() ? Opcode.TEXT : Opcode.BINARY;
    this.step = Math.max(1, run.plan().rooms());
    this.next = index % step;
  }

  /// What stands behind the plan's address, to which it connects.
  String query() {
    return run.plan().rooms() > 0 ? "?" + index % step : "";
  }

  @Override
  void onMessageStart(int opcode) {
    if (opcode != expectedOpcode) {
      throw new Different("a " + Opcode.name(opcode) + " message instead of the other kind");
    }
    window = run.payloads().window(publisher, next);
    checked = 0;
  }

  @Override
  void onMessageBytes(MemorySegment buffer, int offset, int length) {
    if (checked + length > payloadBytes) {
      throw new Different("a message is longer than " + payloadBytes + " bytes");
    }
    long at = run.payloads().difference(window, checked, buffer, offset, length);
    if (at >= 0 && !(checked == 0 && skipTo(buffer, offset, length))) {
      throw new Different("byte " + at + " of message " + next + " differs");
    }
    checked += length;
  }

  /// Whether it is one of the next messages; those before it are then missed.
  private boolean skipTo(MemorySegment buffer, int offset, int length) {
    for (int ahead = 1; ahead <= FanOut.LOOK_AHEAD; ahead++) {
      int candidate = run.payloads().window(publisher, next + (long) ahead * step);
      if (run.payloads().difference(candidate, 0, buffer, offset, length) < 0) {
        for (int i = 0; i < ahead; i++) {
          fanOut.settled(next);
          next += step;
        }
        run.missed.add(ahead);
        window = candidate;
        return true;
      }
    }
    return false;
  }

  @Override
  void onMessageEnd() {
    if (checked != payloadBytes) {
      throw new Different(
          "message " + next + " has " + checked + " bytes instead of " + payloadBytes);
    }
    received(batchNanos - fanOut.publishedNanos(next));
    fanOut.settled(next);
    next += step;
  }
}
