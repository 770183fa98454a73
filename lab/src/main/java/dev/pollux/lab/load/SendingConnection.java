package dev.pollux.lab.load;

/// A connection that sends: in a closed loop from [#begin], or when it is told to by [#due].
abstract class SendingConnection extends LoadConnection {

  SendingConnection(LoadRun run, int index) {
    super(run, index);
  }

  @Override
  final boolean isActive() {
    return true;
  }

  /// Its place among those that send, from 0.
  abstract int place();

  /// A stretch begins, in which it counts from 0 what is due. While the load is quiet.
  abstract void beginStretch();

  /// Begins to send, in a closed loop. On its thread.
  abstract void begin();

  /// Its next message is due: it is sent now, or as soon as it may be. On its thread.
  abstract void due();

  /// Messages that have not come back. Any thread, when nothing is sent any more.
  abstract long outstandingNow();

  /// Messages that were due and could not be sent. While the load is quiet.
  abstract long owedNow();
}
