package dev.pollux.lab.load;

import java.io.IOException;

/// A load that could not be carried out; the message says what happened and to which connection.
public final class LoadException extends IOException {
  private static final long serialVersionUID = 1;

  /// Why there is no result.
  public enum Reason {
    /// A connection could not be opened: the server is not there, or refused.
    NOT_CONNECTED,
    /// No connection that matters is left.
    ALL_LOST,
    /// The same, and what came back on one of them at least was not what it should be.
    DIFFERENT,
    /// Nothing came back any more.
    STALLED,
    /// This machine does not give what the plan needs: descriptors, an address, the I/O model.
    UNAVAILABLE
  }

  private final Reason reason;

  LoadException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
