package dev.pollux.cli;

/// What a command ends with. The launcher ends with 69 and 70 for its own failures of these kinds.
final class ExitCode {
  static final int OK = 0;

  /// The server could not be started: its address can't be listened on.
  static final int NOT_LISTENING = 1;

  /// Something could not be done: an experiment, a report.
  static final int FAILED = 1;

  /// The lab has measured, and a claim does not hold.
  static final int REFUTED = 3;

  /// A server could not be reached, or refused.
  static final int NOT_CONNECTED = 1;

  /// What came back differs from what was sent.
  static final int DIFFERENT = 3;

  /// A connection that was open was lost.
  static final int LOST = 4;

  /// Nothing came back any more.
  static final int STALLED = 5;

  /// 128 and the number of SIGINT, as a shell tells it.
  static final int INTERRUPTED = 130;

  /// The words of the command line are wrong (picocli's own number for it).
  static final int USAGE = 2;

  /// `EX_UNAVAILABLE` of sysexits.h: the I/O model does not work here.
  static final int UNAVAILABLE = 69;

  /// `EX_SOFTWARE` of sysexits.h: a defect of Pollux.
  static final int INTERNAL = 70;

  private ExitCode() {}
}
