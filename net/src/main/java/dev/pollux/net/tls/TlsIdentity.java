package dev.pollux.net.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who a side says that it is: a private key, and the certificates that vouch for it, its own first
/// and then each one's issuer (RFC 8446 §4.4.2).
public record TlsIdentity(PrivateKey key, List<X509Certificate> certificates) {
  private static final int LINE_CHARACTERS = 64;

  public TlsIdentity {
    certificates = List.copyOf(certificates);
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("an identity without a certificate");
    }
  }

  /// Where an identity comes from; asked again when certificates are reloaded.
  @FunctionalInterface
  public interface Source {

    /// Reads it.
    ///
    /// @throws IOException saying what is wrong with what
    TlsIdentity load() throws IOException;

    /// The files that it is read from.
    default List<Path> files() {
      return List.of();
    }
  }

  /// PEM files: a certificate with its chain, and a private key (PKCS#8, PKCS#1 for RSA, SEC 1 for
  /// EC). Both may be in one file.
  public static Source files(Path certificates, Path key) {
    return files(certificates, key, null);
  }

  /// The same with a key that is encrypted (PKCS#8).
  public static Source files(Path certificates, Path key, char @Nullable [] password) {
    char[] own = password == null ? null : password.clone();
    return new Source() {
      @Override
      public TlsIdentity load() throws IOException {
        return read(certificates, key, own);
      }

      @Override
      public List<Path> files() {
        return List.of(certificates, key);
      }
    };
  }

  /// A new key with a certificate that nobody vouches for, for trying: a client has to be told to
  /// trust it.
  ///
  /// @param names what the server is called: `localhost`, `127.0.0.1`, `::1`
  public static TlsIdentity selfSigned(List<String> names, Duration validity) {
    return SelfSigned.make(names, Instant.now(), validity);
  }

  /// The certificates as text, for the file of somebody who is to trust them.
  public String pem() {
    StringBuilder text = new StringBuilder();
    Base64.Encoder encoder = Base64.getMimeEncoder(LINE_CHARACTERS, new byte[] {'\n'});
    for (X509Certificate certificate : certificates) {
      try {
        text.append("-----BEGIN CERTIFICATE-----\n")
            .append(encoder.encodeToString(certificate.getEncoded()))
            .append("\n-----END CERTIFICATE-----\n");
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("a certificate without its bytes", e);
      }
    }
    return text.toString();
  }

  private static TlsIdentity read(Path certificates, Path key, char @Nullable [] password)
      throws IOException {
    TlsIdentity identity =
        new TlsIdentity(PrivateKeys.read(key, password), certificatesIn(certificates));
    if (!identity.keyFits()) {
      throw new IOException(
          "the private key in "
              + key
              + " does not belong to the first certificate in "
              + certificates
              + " ("
              + identity.certificates().getFirst().getSubjectX500Principal()
              + ")");
    }
    return identity;
  }

  /// All certificates of a PEM file, in order.
  ///
  /// @throws IOException naming the file, if there is none or one is damaged
  static List<X509Certificate> certificatesIn(Path file) throws IOException {
    List<X509Certificate> found = new ArrayList<>();
    for (Pem block : Pem.read(file)) {
      if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
        try {
          found.add(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(new ByteArrayInputStream(block.der())));
        } catch (CertificateException e) {
          throw new IOException(
              file + ": certificate " + (found.size() + 1) + " is damaged: " + e.getMessage(), e);
        }
      }
    }
    if (found.isEmpty()) {
      throw new IOException(file + " has no certificate (no block CERTIFICATE)");
    }
    return List.copyOf(found);
  }

  /// Whether the key signs what the first certificate verifies.
  private boolean keyFits() throws IOException {
    PublicKey shown = certificates.getFirst().getPublicKey();
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
          // RSASSA-PSS needs parameters: the handshake will tell.
          default -> "";
        };
    if (algorithm.isEmpty()) {
      return true;
    }
    byte[] text = {1, 2, 3};
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(text);
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(shown);
      verifier.update(text);
      return verifier.verify(signer.sign());
    } catch (GeneralSecurityException e) {
      // A key of another algorithm than the certificate's.
      return false;
    }
  }
}
