package dev.pollux.bench;

import dev.pollux.net.tls.TlsIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/// The certificate with which all servers of a run speak TLS: it signs itself, ECDSA on P-256.
final class Certificate {
  private static final Duration VALIDITY = Duration.ofDays(2);

  private Certificate() {}

  /// Writes a key store that every JVM reads, PKCS#12.
  static void writeTo(Path file, String password) throws IOException {
    TlsIdentity identity = TlsIdentity.selfSigned(List.of("localhost", "127.0.0.1"), VALIDITY);
    try (OutputStream out = Files.newOutputStream(file)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      keys.setKeyEntry(
          "server",
          identity.key(),
          password.toCharArray(),
          identity.certificates().toArray(X509Certificate[]::new));
      keys.store(out, password.toCharArray());
    } catch (GeneralSecurityException e) {
      throw new IOException("no key store can be written: " + e.getMessage(), e);
    }
  }
}
