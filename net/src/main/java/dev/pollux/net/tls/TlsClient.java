package dev.pollux.net.tls;

import dev.pollux.net.Protocol;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// TLS for the connections that a client makes. Any thread may call its methods.
public final class TlsClient {
  private final TlsClientOptions options;
  private final TlsSide side;
  private final SSLContext context;

  TlsClient(TlsClientOptions options, Executor steps) throws IOException {
    this.options = options;
    // It is the caller who decides how many connections are made.
    this.side =
        new TlsSide(
            steps, options.handshakeTimeout(), Integer.MAX_VALUE, Integer.MAX_VALUE, new byte[0]);
    TlsIdentity.Source source = options.identity();
    List<TlsIdentity> identities = source == null ? List.of() : List.of(source.load());
    this.context =
        options.insecure()
            ? Trust.contextThatTrustsAnybody(identities)
            : Trust.context(identities, options.trustFile());
  }

  /// The protocol for a connection to `host`, a name or an address: `inner` is opened when the
  /// handshake is done, with a [SecureConnection], or told that the connection failed.
  public Protocol wrap(Protocol inner, String host, int port) {
    String given = options.serverName();
    String name = given == null ? host : given;
    return new TlsProtocol(side, true, () -> newEngine(name, port), inner);
  }

  public TlsStatistics statistics() {
    return side.counters.snapshot();
  }

  private SSLEngine newEngine(String name, int port) {
    SSLEngine engine = context.createSSLEngine(name, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(options.versions().toArray(new String[0]));
    parameters.setApplicationProtocols(options.applicationProtocols().toArray(new String[0]));
    if (!options.insecure()) {
      // The rules of HTTPS for names (RFC 2818 §3.1), which RFC 6455 §4.1 follows.
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    if (!HostNames.isAddress(name)) {
      // The JDK itself leaves out names without a dot.
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    engine.setSSLParameters(parameters);
    return engine;
  }
}
