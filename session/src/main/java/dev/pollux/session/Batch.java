package dev.pollux.session;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// What a thread counts while it works off the bytes of one receive. It belongs to the thread and
/// not to the session, because an idle session should own nothing, and counts of many messages are
/// then added to the shared counters at once. A virtual thread, which may be as idle as its
/// session, borrows one.
final class Batch {
  private static final ThreadLocal<Batch> OF_THREAD = ThreadLocal.withInitial(Batch::new);

  private static final int PLACES = 64;

  /// The places are a cache line apart: carriers that take from different ones are not to meet.
  private static final int PLACE_WIDTH = 16;

  /// What virtual threads borrow. A thread's place goes by its number; if it is empty, the thread
  /// makes a batch, and the last one that comes back stays there.
  private static final AtomicReferenceArray<@Nullable Batch> FREE =
      new AtomicReferenceArray<>(PLACES * PLACE_WIDTH);

  private boolean taken;

  /// Where it goes back to; negative if it is the thread's.
  private int place = -1;

  private int messagesIn;
  private long payloadBytesIn;
  private int messagesOut;
  private long payloadBytesOut;

  /// The thread's batch, or a borrowed one; a new one if it is in use, further up the stack or by
  /// another thread.
  static Batch begin() {
    Thread thread = Thread.currentThread();
    if (thread.isVirtual()) {
      return borrowed(thread);
    }
    Batch batch = OF_THREAD.get();
    if (batch.taken) {
      batch = new Batch();
    }
    batch.taken = true;
    return batch;
  }

  private static Batch borrowed(Thread thread) {
    int place = (int) (thread.threadId() & (PLACES - 1)) * PLACE_WIDTH;
    Batch batch = FREE.getAndSet(place, null);
    if (batch == null) {
      batch = new Batch();
      batch.place = place;
    }
    return batch;
  }

  void received(int payloadLength) {
    messagesIn++;
    payloadBytesIn += payloadLength;
  }

  void receivedPart(int payloadLength, boolean last) {
    messagesIn += last ? 1 : 0;
    payloadBytesIn += payloadLength;
  }

  void sent(int payloadLength) {
    messagesOut++;
    payloadBytesOut += payloadLength;
  }

  void end(SessionCounters counters) {
    if (messagesIn != 0 || payloadBytesIn != 0) {
      counters.messagesIn.add(messagesIn);
      counters.payloadBytesIn.add(payloadBytesIn);
      messagesIn = 0;
      payloadBytesIn = 0;
    }
    if (messagesOut != 0) {
      counters.messagesOut.add(messagesOut);
      counters.payloadBytesOut.add(payloadBytesOut);
      messagesOut = 0;
      payloadBytesOut = 0;
    }
    taken = false;
    if (place >= 0) {
      FREE.setRelease(place, this);
    }
  }
}
