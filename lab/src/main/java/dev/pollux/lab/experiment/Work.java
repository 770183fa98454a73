package dev.pollux.lab.experiment;

import dev.pollux.sys.SystemCall;
import java.util.Arrays;

/// What one piece of work took an [EchoServer], on average.
///
/// @param wakeups returns from waiting
/// @param receives calls of recv
/// @param wouldBlock those of them that said `EAGAIN`
/// @param sends calls of send and sendmsg
/// @param interestChanges calls of epoll_ctl
/// @param calls system calls of all names
record Work(
    double wakeups,
    double receives,
    double wouldBlock,
    double sends,
    double interestChanges,
    double calls) {

  /// What was counted meanwhile, divided by the pieces of work that were done.
  static Work between(EchoServer.Counts before, EchoServer.Counts after, double pieces) {
    long sends = since(before, after, SystemCall.SEND) + since(before, after, SystemCall.SENDMSG);
    return new Work(
        (after.wakeups() - before.wakeups()) / pieces,
        since(before, after, SystemCall.RECV) / pieces,
        (wouldBlock(after) - wouldBlock(before)) / pieces,
        sends / pieces,
        since(before, after, SystemCall.EPOLL_CTL) / pieces,
        (calls(after) - calls(before)) / pieces);
  }

  /// System calls; operations of a ring are none.
  static long calls(EchoServer.Counts counts) {
    return Arrays.stream(SystemCall.values())
        .filter(call -> !call.isOperation())
        .mapToLong(counts::calls)
        .sum();
  }

  private static long since(EchoServer.Counts before, EchoServer.Counts after, SystemCall call) {
    return after.calls(call) - before.calls(call);
  }

  private static long wouldBlock(EchoServer.Counts counts) {
    EchoServer.CallCounts receives = counts.calls().get(SystemCall.RECV.callName());
    return receives == null ? 0 : receives.wouldBlock();
  }
}
