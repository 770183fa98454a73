package dev.pollux.net.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client's TLS is set up with.
///
/// @param trustFile PEM certificates of the authorities that vouch for servers; null for those that
///   the JDK trusts
/// @param insecure whether any certificate is good enough: whoever sits in between can then read
///   and change everything. For trying
/// @param identity what is shown to a server that asks for a certificate, or null
/// @param serverName the name to ask for (SNI) and to find in the certificate, or null for the host
///   that is connected to
/// @param versions the versions offered, of `TLSv1.3` and `TLSv1.2`
/// @param applicationProtocols for ALPN (RFC 7301), the best first; empty: none is offered
/// @param handshakeTimeout from the connection to the end of the handshake
public record TlsClientOptions(
    @Nullable Path trustFile,
    boolean insecure,
    TlsIdentity.@Nullable Source identity,
    @Nullable String serverName,
    List<String> versions,
    List<String> applicationProtocols,
    Duration handshakeTimeout) {

  public TlsClientOptions {
    versions = List.copyOf(versions);
    applicationProtocols = List.copyOf(applicationProtocols);
    TlsOptions.requireVersions(versions);
    TlsOptions.requireTimeout(handshakeTimeout);
  }

  /// The certificates that the JDK trusts, the host's name checked, TLS 1.3 and 1.2, no ALPN, 10
  /// seconds.
  public static TlsClientOptions defaults() {
    return new TlsClientOptions(
        null,
        false,
        null,
        null,
        TlsOptions.DEFAULT_VERSIONS,
        List.of(),
        TlsOptions.DEFAULT_HANDSHAKE_TIMEOUT);
  }

  /// Trusts the certificates in that PEM file and no others.
  public TlsClientOptions withTrustFile(Path authorities) {
    return new TlsClientOptions(
        authorities,
        insecure,
        identity,
        serverName,
        versions,
        applicationProtocols,
        handshakeTimeout);
  }

  /// Trusts whatever certificate the server shows, whatever its name.
  public TlsClientOptions withInsecure(boolean anyCertificate) {
    return new TlsClientOptions(
        trustFile,
        anyCertificate,
        identity,
        serverName,
        versions,
        applicationProtocols,
        handshakeTimeout);
  }

  /// Shows that certificate to a server that asks for one.
  public TlsClientOptions withIdentity(TlsIdentity.Source shown) {
    return new TlsClientOptions(
        trustFile, insecure, shown, serverName, versions, applicationProtocols, handshakeTimeout);
  }

  public TlsClientOptions withServerName(String name) {
    return new TlsClientOptions(
        trustFile, insecure, identity, name, versions, applicationProtocols, handshakeTimeout);
  }

  public TlsClientOptions withVersions(List<String> offered) {
    return new TlsClientOptions(
        trustFile, insecure, identity, serverName, offered, applicationProtocols, handshakeTimeout);
  }

  public TlsClientOptions withApplicationProtocols(List<String> protocols) {
    return new TlsClientOptions(
        trustFile, insecure, identity, serverName, versions, protocols, handshakeTimeout);
  }

  public TlsClientOptions withHandshakeTimeout(Duration time) {
    return new TlsClientOptions(
        trustFile, insecure, identity, serverName, versions, applicationProtocols, time);
  }
}
