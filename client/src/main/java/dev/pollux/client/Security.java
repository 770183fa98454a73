package dev.pollux.client;

import dev.pollux.net.Protocol;
import dev.pollux.net.tls.HandshakePool;
import dev.pollux.net.tls.Tls;
import dev.pollux.net.tls.TlsClient;
import dev.pollux.net.tls.TlsClientOptions;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// TLS for `wss:`, set up when the first connection needs it: a client of `ws:` pays nothing.
final class Security implements AutoCloseable {
  private static final int HANDSHAKE_THREADS = 2;

  private final TlsClientOptions options;
  private final String threadName;
  private @Nullable TlsClient tls;
  private @Nullable HandshakePool steps;

  Security(TlsClientOptions options, String threadName) {
    this.options = options;
    this.threadName = threadName;
  }

  /// TLS around `inner`, with the name of the request's host to ask for and to find.
  ///
  /// @throws IOException if a file of the options is not as it should be
  Protocol around(Protocol inner, ClientRequest request) throws IOException {
    return client().wrap(inner, request.host(), request.port());
  }

  private synchronized TlsClient client() throws IOException {
    TlsClient ready = tls;
    if (ready == null) {
      if (steps == null) {
        steps = HandshakePool.start(threadName, HANDSHAKE_THREADS);
      }
      ready = Tls.client(options, steps);
      tls = ready;
    }
    return ready;
  }

  /// When the engine has ended.
  @Override
  public synchronized void close() {
    if (steps != null) {
      steps.close();
    }
  }
}
