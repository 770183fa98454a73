package dev.pollux.net.tls;

/// Whether a server asks its clients for a certificate.
public enum ClientAuthentication {
  /// It does not ask.
  NONE,
  /// It asks; a client without one is served, one with a certificate that is not trusted is not.
  WANTED,
  /// It asks, and a client without a certificate that is trusted is not served.
  NEEDED
}
