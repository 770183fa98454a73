package dev.pollux.net.tls;

import dev.pollux.net.Connection;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A connection whose bytes are encrypted: what a protocol inside [TlsServer] or [TlsClient] gets.
///
/// What was agreed upon does not change while the connection lasts; any thread may ask.
public interface SecureConnection extends Connection {

  /// The version agreed upon: `TLSv1.3`, `TLSv1.2`.
  String tlsVersion();

  /// The cipher suite agreed upon, by its IANA name: `TLS_AES_256_GCM_SHA384`.
  String cipherSuite();

  /// The protocol agreed upon by ALPN (RFC 7301): `http/1.1`, or null if there was no agreement
  /// because a side named none.
  @Nullable String applicationProtocol();

  /// The peer's certificates, its own first; empty if it showed none.
  List<X509Certificate> peerCertificates();

  /// What TLS ended the connection for ([dev.pollux.net.CloseReason#TLS_FAILED]), in a sentence;
  /// null if it did not. With TLS 1.3 a client hears of the refusal of its certificate only here,
  /// after [dev.pollux.net.Protocol#onOpen] (RFC 8446 §4.4.2.4). For the connection's callbacks.
  @Nullable String tlsFailure();
}
