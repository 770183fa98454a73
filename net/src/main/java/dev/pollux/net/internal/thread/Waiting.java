package dev.pollux.net.internal.thread;

import dev.pollux.sys.Socket;

/// How the threads of one connection wait for its descriptor: the one thing in which the models
/// with a thread for each connection differ.
public interface Waiting {

  /// Blocked in recv(2) and send(2) themselves: the descriptor is a blocking one.
  Waiting IN_THE_CALL =
      new Waiting() {
        @Override
        public int sendFlags() {
          return 0;
        }

        @Override
        public boolean wouldWait(int received, long room) {
          return false;
        }

        @Override
        public void awaitReadable() {}

        @Override
        public void awaitWritable() {}

        @Override
        public void letOthersRun() {}

        @Override
        public void wake() {}
      };

  /// Flags for a send that waits, one way or the other: 0, or [Socket#MSG_DONTWAIT].
  int sendFlags();

  /// The worker: whether after a receive of `received` bytes into `room` the next one would say
  /// `EAGAIN`, so that it need not be made. False if it is not known.
  boolean wouldWait(int received, long room);

  /// The worker, when there is nothing to receive: returns when it is worth to receive again.
  void awaitReadable();

  /// The writer, after send(2) said `EAGAIN`: returns when it is worth to send again.
  void awaitWritable();

  /// The worker, now and then while it is busy: a peer that never pauses must not keep the others
  /// from running.
  void letOthersRun();

  /// Any thread: those that wait look again.
  void wake();
}
