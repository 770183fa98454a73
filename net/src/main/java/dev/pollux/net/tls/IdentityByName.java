package dev.pollux.net.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Chooses the identity to show by the name that the client asks for (SNI, RFC 6066 §3) and the
/// kinds of key that it understands; the first one for a client that asks for no name, or for one
/// that is nobody's. An alias is the identity's place in the list.
final class IdentityByName extends X509ExtendedKeyManager {
  private final List<TlsIdentity> identities;
  private final List<List<String>> names;

  IdentityByName(List<TlsIdentity> identities) {
    this.identities = List.copyOf(identities);
    this.names = identities.stream().map(it -> HostNames.of(it.certificates().getFirst())).toList();
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    String host = requestedHost(engine);
    if (host != null) {
      for (int i = 0; i < identities.size(); i++) {
        if (isOfType(i, keyType) && names.get(i).stream().anyMatch(it -> matches(it, host))) {
          return Integer.toString(i);
        }
      }
    }
    return firstOfType(keyType);
  }

  private static boolean matches(String name, String host) {
    return HostNames.matches(name, host);
  }

  private static @Nullable String requestedHost(SSLEngine engine) {
    if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
      for (SNIServerName name : session.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          return host.getAsciiName().toLowerCase(Locale.ROOT);
        }
      }
    }
    return null;
  }

  private @Nullable String firstOfType(String keyType) {
    for (int i = 0; i < identities.size(); i++) {
      if (isOfType(i, keyType)) {
        return Integer.toString(i);
      }
    }
    return null;
  }

  private boolean isOfType(int index, String keyType) {
    String algorithm = identities.get(index).key().getAlgorithm();
    // TLS 1.2 names kinds of key exchange, too: EC_EC, EC_RSA.
    return keyType.equals(algorithm) || keyType.startsWith(algorithm + "_");
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    for (String keyType : keyTypes) {
      String alias = firstOfType(keyType);
      if (alias != null) {
        return alias;
      }
    }
    return null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return identities.get(Integer.parseInt(alias)).certificates().toArray(new X509Certificate[0]);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return identities.get(Integer.parseInt(alias)).key();
  }

  // Not asked by an engine

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
