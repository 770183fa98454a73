package dev.pollux.net.tls;

import dev.pollux.net.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// TLS for the connections that a server accepts. Any thread may call its methods.
public final class TlsServer {
  private final TlsOptions options;
  private final TlsSide side;
  private final Supplier<SSLEngine> engines = this::newEngine;
  private volatile SSLContext context;

  TlsServer(TlsOptions options, Executor steps, byte[] answerToPlainText) throws IOException {
    this.options = options;
    this.side =
        new TlsSide(
            steps,
            options.handshakeTimeout(),
            options.maxHandshakes(),
            options.maxHandshakesOfAddress(),
            answerToPlainText);
    this.context = load(options);
    requireSuites();
  }

  private static SSLContext load(TlsOptions options) throws IOException {
    List<TlsIdentity> identities = new ArrayList<>();
    for (TlsIdentity.Source source : options.identities()) {
      identities.add(source.load());
    }
    return Trust.context(identities, options.trustFile());
  }

  /// So that a wrong name is told now, not to each client.
  private void requireSuites() throws IOException {
    try {
      newEngine();
    } catch (IllegalArgumentException e) {
      throw new IOException("TLS can't be set up: " + e.getMessage(), e);
    }
  }

  /// The protocol for a new connection: `inner` is opened when the handshake is done, with a
  /// [SecureConnection]. If it fails, `inner` is told nothing.
  public Protocol wrap(Protocol inner) {
    return new TlsProtocol(side, false, engines, inner);
  }

  /// Reads certificates, keys and authorities again. Connections that are open go on as they are;
  /// new handshakes see the new ones, and can't resume older sessions.
  ///
  /// @throws IOException saying what is wrong with what; then all stays as it was
  public void reload() throws IOException {
    context = load(options);
  }

  public TlsStatistics statistics() {
    return side.counters.snapshot();
  }

  private SSLEngine newEngine() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(options.versions().toArray(new String[0]));
    parameters.setCipherSuites(
        options.cipherSuites().isEmpty()
            ? CipherSuites.authenticated(parameters.getCipherSuites())
            : options.cipherSuites().toArray(new String[0]));
    parameters.setUseCipherSuitesOrder(true);
    parameters.setApplicationProtocols(options.applicationProtocols().toArray(new String[0]));
    switch (options.clientAuthentication()) {
      case NONE -> {}
      case WANTED -> parameters.setWantClientAuth(true);
      case NEEDED -> parameters.setNeedClientAuth(true);
    }
    engine.setSSLParameters(parameters);
    return engine;
  }
}
