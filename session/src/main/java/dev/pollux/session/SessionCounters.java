package dev.pollux.session;

import dev.pollux.websocket.DeflateStatistics;
import java.util.concurrent.atomic.LongAdder;

/// What the sessions of one server count, from any thread. The four that change with every message
/// are added to once per batch of received bytes ([Batch]).
final class SessionCounters {
  final LongAdder opened = new LongAdder();
  final LongAdder closed = new LongAdder();
  final LongAdder messagesIn = new LongAdder();
  final LongAdder payloadBytesIn = new LongAdder();
  final LongAdder messagesOut = new LongAdder();
  final LongAdder payloadBytesOut = new LongAdder();
  final LongAdder dropped = new LongAdder();
  final LongAdder violations = new LongAdder();
  final LongAdder handlerFailures = new LongAdder();
  final LongAdder closeTimeouts = new LongAdder();
  final LongAdder pingTimeouts = new LongAdder();
  final LongAdder idleTimeouts = new LongAdder();
  final LongAdder messageTimeouts = new LongAdder();
  final LongAdder pauses = new LongAdder();
  final LongAdder offloads = new LongAdder();
  final LongAdder offloadsRefused = new LongAdder();

  SessionStatistics snapshot(DeflateStatistics compression) {
    // First what ends, then what begins: a session that opens and closes in between can't make the
    // difference negative.
    long ended = closed.sum();
    long begun = opened.sum();
    return new SessionStatistics(
        (int) (begun - ended),
        begun,
        messagesIn.sum(),
        payloadBytesIn.sum(),
        messagesOut.sum(),
        payloadBytesOut.sum(),
        dropped.sum(),
        violations.sum(),
        handlerFailures.sum(),
        closeTimeouts.sum(),
        pingTimeouts.sum(),
        idleTimeouts.sum(),
        messageTimeouts.sum(),
        pauses.sum(),
        offloads.sum(),
        offloadsRefused.sum(),
        compression);
  }
}
