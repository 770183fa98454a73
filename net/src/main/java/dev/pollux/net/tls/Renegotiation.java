package dev.pollux.net.tls;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/// How a second handshake within a connection is refused.
final class Renegotiation {
  private Renegotiation() {}

  /// Has the engine make the alert by which the peer knows (handshake_failure, RFC 5246 §7.2.2): it
  /// is shown the peer's hello, and finds that there is nothing to agree upon. Always throws.
  ///
  /// @param hello the record with it
  /// @param target room for what it holds
  static void refuse(SSLEngine engine, ByteBuffer hello, ByteBuffer target) throws SSLException {
    engine.setEnabledCipherSuites(CipherSuites.NOBODYS);
    engine.unwrap(hello, target);
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
    throw new SSLException("renegotiation is refused");
  }
}
