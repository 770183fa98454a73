package dev.pollux.net.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a server's TLS is set up with. Every limit has a default and a name.
///
/// @param identities the first one is shown to clients that name no host (SNI) or one that none of
///   the others speaks for
/// @param clientAuthentication whether clients are asked for a certificate
/// @param trustFile PEM certificates of the authorities that vouch for clients; null for those that
///   the JDK trusts
/// @param versions the versions offered, of `TLSv1.3` and `TLSv1.2`
/// @param cipherSuites the cipher suites offered, by their IANA names, the best first; empty for
///   the JDK's choice, of those with authenticated encryption (AEAD)
/// @param applicationProtocols for ALPN (RFC 7301), the best first; a client that offers ALPN and
///   none of them is refused. Empty: ALPN is not answered
/// @param handshakeTimeout from the connection to the end of the handshake; then it is cut
/// @param maxHandshakes handshakes under way at once, each from its whole first record on; the
///   connections of more are cut
/// @param maxHandshakesOfAddress as many of those of one address of peers
public record TlsOptions(
    List<TlsIdentity.Source> identities,
    ClientAuthentication clientAuthentication,
    @Nullable Path trustFile,
    List<String> versions,
    List<String> cipherSuites,
    List<String> applicationProtocols,
    Duration handshakeTimeout,
    int maxHandshakes,
    int maxHandshakesOfAddress) {

  /// What is offered unless something else is said.
  public static final List<String> DEFAULT_VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
  static final int DEFAULT_MAX_HANDSHAKES = 4096;
  static final int DEFAULT_MAX_HANDSHAKES_OF_ADDRESS = 2048;

  public TlsOptions {
    identities = List.copyOf(identities);
    versions = List.copyOf(versions);
    cipherSuites = List.copyOf(cipherSuites);
    applicationProtocols = List.copyOf(applicationProtocols);
    if (identities.isEmpty()) {
      throw new IllegalArgumentException("a TLS server needs a certificate and a key");
    }
    requireVersions(versions);
    requireTimeout(handshakeTimeout);
    requireOne("maxHandshakes", maxHandshakes);
    requireOne("maxHandshakesOfAddress", maxHandshakesOfAddress);
  }

  /// The defaults with one identity: TLS 1.3 and 1.2, no client certificates, no ALPN, 10 seconds
  /// and 4,096 handshakes at once, of which 2,048 of one address.
  public static TlsOptions of(TlsIdentity.Source identity) {
    return new TlsOptions(
        List.of(identity),
        ClientAuthentication.NONE,
        null,
        DEFAULT_VERSIONS,
        List.of(),
        List.of(),
        DEFAULT_HANDSHAKE_TIMEOUT,
        DEFAULT_MAX_HANDSHAKES,
        DEFAULT_MAX_HANDSHAKES_OF_ADDRESS);
  }

  /// The defaults with the PEM files of a certificate with its chain and of its key.
  public static TlsOptions files(Path certificates, Path key) {
    return of(TlsIdentity.files(certificates, key));
  }

  /// The defaults with a certificate that nobody vouches for, for `localhost`, `127.0.0.1` and
  /// `::1`.
  public static TlsOptions selfSigned() {
    TlsIdentity identity =
        TlsIdentity.selfSigned(List.of("localhost", "127.0.0.1", "::1"), Duration.ofDays(365));
    return of(() -> identity);
  }

  /// One more identity, for the names of its certificate.
  public TlsOptions withIdentity(TlsIdentity.Source identity) {
    List<TlsIdentity.Source> all = new ArrayList<>(identities);
    all.add(identity);
    return new TlsOptions(
        all,
        clientAuthentication,
        trustFile,
        versions,
        cipherSuites,
        applicationProtocols,
        handshakeTimeout,
        maxHandshakes,
        maxHandshakesOfAddress);
  }

  /// Asks clients for certificates, which authorities of `authorities` vouch for (null: those that
  /// the JDK trusts).
  public TlsOptions withClientAuthentication(
      ClientAuthentication asked, @Nullable Path authorities) {
    return new TlsOptions(
        identities,
        asked,
        authorities,
        versions,
        cipherSuites,
        applicationProtocols,
        handshakeTimeout,
        maxHandshakes,
        maxHandshakesOfAddress);
  }

  public TlsOptions withVersions(List<String> offered) {
    return new TlsOptions(
        identities,
        clientAuthentication,
        trustFile,
        offered,
        cipherSuites,
        applicationProtocols,
        handshakeTimeout,
        maxHandshakes,
        maxHandshakesOfAddress);
  }

  public TlsOptions withCipherSuites(List<String> offered) {
    return new TlsOptions(
        identities,
        clientAuthentication,
        trustFile,
        versions,
        offered,
        applicationProtocols,
        handshakeTimeout,
        maxHandshakes,
        maxHandshakesOfAddress);
  }

  public TlsOptions withApplicationProtocols(List<String> protocols) {
    return new TlsOptions(
        identities,
        clientAuthentication,
        trustFile,
        versions,
        cipherSuites,
        protocols,
        handshakeTimeout,
        maxHandshakes,
        maxHandshakesOfAddress);
  }

  public TlsOptions withHandshakeTimeout(Duration time) {
    return new TlsOptions(
        identities,
        clientAuthentication,
        trustFile,
        versions,
        cipherSuites,
        applicationProtocols,
        time,
        maxHandshakes,
        maxHandshakesOfAddress);
  }

  public TlsOptions withMaxHandshakes(int atOnce) {
    return new TlsOptions(
        identities,
        clientAuthentication,
        trustFile,
        versions,
        cipherSuites,
        applicationProtocols,
        handshakeTimeout,
        atOnce,
        maxHandshakesOfAddress);
  }

  public TlsOptions withMaxHandshakesOfAddress(int atOnce) {
    return new TlsOptions(
        identities,
        clientAuthentication,
        trustFile,
        versions,
        cipherSuites,
        applicationProtocols,
        handshakeTimeout,
        maxHandshakes,
        atOnce);
  }

  private static void requireOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; at least 1");
    }
  }

  static void requireVersions(List<String> versions) {
    for (String version : versions) {
      if (!DEFAULT_VERSIONS.contains(version)) {
        throw new IllegalArgumentException(
            "no TLS version '" + version + "'; there are: " + String.join(", ", DEFAULT_VERSIONS));
      }
    }
    if (versions.isEmpty()) {
      throw new IllegalArgumentException("no TLS version is offered");
    }
  }

  static void requireTimeout(Duration time) {
    if (time.isNegative() || time.isZero() || time.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "handshakeTimeout is " + time + "; it must be more than 0 and at most 1 hour");
    }
  }
}
