package dev.pollux.net.tls;

import dev.pollux.net.Connection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The handshake of a [TlsConnection], whose states these are: steps that cost much are computed on
/// the thread of the connection if that serves no other, else elsewhere, with reading suspended
/// meanwhile.
abstract class TlsHandshake extends TlsOutput {
  static final byte WAITING = 0;
  static final byte HANDSHAKING = 1;
  static final byte OPEN = 2;
  static final byte CLOSING = 3;
  static final byte ENDED = 4;

  final TlsSide side;
  final boolean client;
  final Supplier<SSLEngine> engines;
  @Nullable Throwable failure;
  volatile byte state = WAITING;
  boolean stepUnderWay;
  private boolean inHandshakeCount;

  /// Whose handshake it is, while it is under way and counts as one of that address.
  private @Nullable InetAddress address;

  TlsHandshake(Connection transport, TlsSide side, boolean client, Supplier<SSLEngine> engines) {
    super(transport);
    this.side = side;
    this.client = client;
    this.engines = engines;
  }

  @Override
  public final @Nullable String tlsFailure() {
    return failure == null ? null : TlsFailure.sentence(failure);
  }

  /// The engine says that the handshake is done.
  abstract void handshakeDone();

  /// Works off what was held back, and reads on.
  abstract void resume();

  // The handshake

  final void begin() {
    InetSocketAddress peer = transport.remoteAddress();
    address = client || peer == null ? null : peer.getAddress();
    if (!side.enterHandshake(address)) {
      failure = new SSLException("too many handshakes are under way");
      state = CLOSING;
      transport.abort();
      return;
    }
    inHandshakeCount = true;
    state = HANDSHAKING;
    engine = engines.get();
  }

  /// Goes on with the handshake until something has to come from elsewhere.
  final void advance(HandshakeStatus first) throws SSLException {
    HandshakeStatus status = first;
    while (state == HANDSHAKING || state == OPEN) {
      switch (status) {
        case NEED_WRAP -> status = wrapOwn();
        case NEED_TASK -> {
          if (!compute(this::runTasks)) {
            return;
          }
          status = engine().getHandshakeStatus();
        }
        case FINISHED -> {
          handshakeDone();
          status = engine().getHandshakeStatus();
        }
        default -> {
          return;
        }
      }
    }
  }

  private void runTasks() {
    SSLEngine computing = engine();
    for (Runnable task = computing.getDelegatedTask();
        task != null;
        task = computing.getDelegatedTask()) {
      task.run();
    }
  }

  /// Computes a step of the handshake, here where that holds up nobody else, or on another thread.
  /// True if it is done.
  final boolean compute(Step step) throws SSLException {
    if (transport.mayBlock()) {
      step.run();
      return true;
    }
    stepUnderWay = true;
    transport.suspendReading();
    try {
      side.steps().execute(() -> computeElsewhere(step));
    } catch (RejectedExecutionException e) {
      stepUnderWay = false;
      throw new SSLException("no thread for the handshake", e);
    }
    return false;
  }

  interface Step {
    void run() throws SSLException;
  }

  private void computeElsewhere(Step step) {
    Throwable thrown = null;
    try {
      step.run();
    } catch (Throwable t) {
      thrown = t;
    }
    Throwable cause = thrown;
    transport.enter(() -> computed(cause));
  }

  private void computed(@Nullable Throwable thrown) {
    stepUnderWay = false;
    if (state != HANDSHAKING) {
      return;
    }
    if (thrown != null) {
      fail(thrown);
      return;
    }
    try {
      advance(engine().getHandshakeStatus());
    } catch (SSLException e) {
      fail(e);
    }
    resume();
  }

  final void leaveHandshake() {
    if (inHandshakeCount) {
      inHandshakeCount = false;
      side.leaveHandshake(address);
      address = null;
    }
  }
}
