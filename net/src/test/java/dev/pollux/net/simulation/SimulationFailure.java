package dev.pollux.net.simulation;

/// Something that must not happen did.
public final class SimulationFailure extends AssertionError {
  private static final long serialVersionUID = 1;

  public SimulationFailure(String message) {
    super(message);
  }

  public SimulationFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
