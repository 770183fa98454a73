package dev.pollux.server;

import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

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
    return trusting(List.of(IDENTITY), null);
  }

  /// A client that trusts these and shows that certificate to who asks for one.
  static SSLContext trusting(List<TlsIdentity> servers, @Nullable TlsIdentity own) {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (TlsIdentity server : servers) {
        trusted.setCertificateEntry("trusted-" + trusted.size(), server.certificates().getFirst());
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] shown = own == null ? null : new KeyManager[] {new Shown(own)};
      context.init(shown, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Shows its certificate whatever authorities the server names.
  private static final class Shown extends X509ExtendedKeyManager {
    private final TlsIdentity identity;

    Shown(TlsIdentity identity) {
      this.identity = identity;
    }

    @Override
    public String chooseClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return "own";
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return identity.certificates().toArray(new X509Certificate[0]);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return identity.key();
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return new String[] {"own"};
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }
  }
}
