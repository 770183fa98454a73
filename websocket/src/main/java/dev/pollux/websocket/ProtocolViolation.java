package dev.pollux.websocket;

/// The peer broke a rule of RFC 6455 or of an extension: the connection is to be failed (§7.1.7)
/// with [#closeCode()].
///
/// It has no stack trace: it says what the peer did, and where this code noticed is of no interest.
/// The message may be longer than the reason of a close frame can be: [FrameWriter#writeClose] cuts
/// it.
public final class ProtocolViolation extends Exception {
  private final Rule rule;

  /// @param what what was wrong, with the value, as a sentence without a full stop
  public ProtocolViolation(Rule rule, String what) {
    super(what + " (RFC " + rule.rfc() + " §" + rule.section() + ")", null, false, false);
    this.rule = rule;
  }

  /// The rule that was broken.
  public Rule rule() {
    return rule;
  }

  /// The close code that RFC 6455 gives to breaking it.
  public int closeCode() {
    return rule.closeCode();
  }
}
