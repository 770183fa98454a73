package dev.pollux.net.tls;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What the connections of one side count. Any thread.
final class TlsCounters {
  final AtomicInteger handshaking = new AtomicInteger();
  final LongAdder handshakes = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder timeouts = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder plainText = new LongAdder();
  final LongAdder truncated = new LongAdder();
  final LongAdder renegotiations = new LongAdder();

  TlsStatistics snapshot() {
    return new TlsStatistics(
        handshaking.get(),
        handshakes.sum(),
        failed.sum(),
        timeouts.sum(),
        refused.sum(),
        plainText.sum(),
        truncated.sum(),
        renegotiations.sum());
  }
}
