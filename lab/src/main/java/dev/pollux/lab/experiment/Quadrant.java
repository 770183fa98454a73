package dev.pollux.lab.experiment;

import dev.pollux.lab.service.ThreadTally;
import java.util.Set;

/// Where a model belongs among synchronous and asynchronous, blocking and non-blocking: by what its
/// threads were seen to do while nothing happened, not by its name.
enum Quadrant {
  /// The thread of a client sits in the call that moves its bytes.
  SYNCHRONOUS_BLOCKING("synchronous + blocking"),
  /// Nobody sits anywhere: a thread asks again and again.
  SYNCHRONOUS_NON_BLOCKING("synchronous + non-blocking"),
  /// The code of each client waits, on a thread that the kernel does not know.
  SYNCHRONOUS_PARKED("synchronous + blocking, parked in the JVM"),
  /// One thread sits in a wait for readiness; it will move the bytes itself.
  ASYNCHRONOUS_BLOCKING("asynchronous + blocking"),
  /// One thread sits in a wait for completions; the kernel has moved the bytes by then.
  ASYNCHRONOUS_NON_BLOCKING("asynchronous + non-blocking");

  private static final String WORKERS = "client";
  private static final String LOOPS = "loop";
  private static final Set<String> TRANSFERS = Set.of("recv", "read", "recvmsg");
  private static final Set<String> WAITS = Set.of("select", "poll", "epoll_wait", "io_uring_enter");
  private static final String COMPLETIONS = "io_uring_enter";
  private static final double MOST = 0.5;

  private final String words;

  Quadrant(String words) {
    this.words = words;
  }

  /// As a person reads it.
  String words() {
    return words;
  }

  /// Which part of the looks found the loops blocked in a call that waits for many descriptors.
  static double waiting(ThreadTally tally) {
    return WAITS.stream().mapToDouble(call -> tally.share(LOOPS, call)).sum();
  }

  /// By rules, in this order: workers that mostly sit in a transfer; a thread for each client
  /// without such workers; loops that mostly run; loops that mostly wait for completions; others.
  ///
  /// @param tally what the threads did while no client said anything
  /// @param clients how many clients were there
  /// @param callers how many threads had called the handlers of these clients
  static Quadrant of(ThreadTally tally, int clients, int callers) {
    double transferring = TRANSFERS.stream().mapToDouble(call -> tally.share(WORKERS, call)).sum();
    if (transferring > MOST) {
      return SYNCHRONOUS_BLOCKING;
    }
    if (callers >= clients) {
      return SYNCHRONOUS_PARKED;
    }
    if (tally.share(LOOPS, ThreadTally.RUNNING) > MOST) {
      return SYNCHRONOUS_NON_BLOCKING;
    }
    return tally.share(LOOPS, COMPLETIONS) > MOST
        ? ASYNCHRONOUS_NON_BLOCKING
        : ASYNCHRONOUS_BLOCKING;
  }
}
