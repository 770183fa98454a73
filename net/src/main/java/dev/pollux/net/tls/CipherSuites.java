package dev.pollux.net.tls;

import java.util.Arrays;

/// Which cipher suites are spoken unless somebody has chosen.
final class CipherSuites {
  /// One of TLS 1.2 for a kind of key that no certificate of ours has (DSA): nobody can agree upon
  /// it.
  static final String[] NOBODYS = {"TLS_DHE_DSS_WITH_AES_256_GCM_SHA384"};

  private CipherSuites() {}

  /// Those of the JDK's that encrypt and authenticate in one (AEAD, RFC 5116): all of TLS 1.3; of
  /// TLS 1.2 those with GCM, CCM or ChaCha20-Poly1305 (RFC 9325 §4.2). The others pad first and
  /// authenticate then, which has been attacked again and again.
  static String[] authenticated(String[] enabled) {
    return Arrays.stream(enabled)
        .filter(
            name -> name.contains("_GCM_") || name.contains("_CCM") || name.contains("_CHACHA20_"))
        .toArray(String[]::new);
  }
}
