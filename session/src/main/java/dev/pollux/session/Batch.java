package dev.pollux.session;

/// What a thread needs while it works off the bytes of one receive: the message that it shows, and
/// the counts of that batch. It belongs to the thread and not to the session, because an idle
/// session should own nothing, and counts of many messages are then added to the shared counters at
/// once.
final class Batch {
  private static final ThreadLocal<Batch> OF_THREAD = ThreadLocal.withInitial(Batch::new);

  final MessageView message = new MessageView();
  private boolean taken;
  private int messagesIn;
  private long payloadBytesIn;
  private int messagesOut;
  private long payloadBytesOut;

  /// The thread's batch; a new one if it is in use further up the stack.
  static Batch begin() {
    Batch batch = OF_THREAD.get();
    if (batch.taken) {
      batch = new Batch();
    }
    batch.taken = true;
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
  }
}
