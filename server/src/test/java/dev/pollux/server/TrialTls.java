package dev.pollux.server;

import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for `localhost` and 127.0.0.1, and clients that trust it.
final class TrialTls {
  /// For all tests: a key takes time.
  static final TlsIdentity IDENTITY =
      TlsIdentity.selfSigned(List.of("localhost", "127.0.0.1"), Duration.ofDays(1));

  private TrialTls() {}

  static TlsOptions options() {
    return TlsOptions.of(() -> IDENTITY);
  }

  static SSLContext trusting() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry("trusted", IDENTITY.certificates().getFirst());
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
