package dev.pollux.net.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for `localhost` and somebody who trusts it.
public final class Certificates {
  /// For all tests: a key takes time.
  public static final Certificates SHARED = new Certificates(List.of("localhost", "127.0.0.1"));

  private final TlsIdentity identity;

  Certificates(List<String> names) {
    this.identity = TlsIdentity.selfSigned(names, Duration.ofDays(1));
  }

  public TlsIdentity identity() {
    return identity;
  }

  /// A PEM file with the certificate.
  public Path writeTrustFile(Path folder) throws IOException {
    Path file = folder.resolve("trusted.pem");
    return Objects.requireNonNull(Files.writeString(file, identity.pem()));
  }

  /// A context of the JDK's for a client that trusts it.
  public SSLContext trustingContext() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry("trusted", identity.certificates().getFirst());
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
