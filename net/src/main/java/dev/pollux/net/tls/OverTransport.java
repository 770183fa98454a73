package dev.pollux.net.tls;

import dev.pollux.net.BufferPool;
import dev.pollux.net.Connection;
import dev.pollux.net.Owner;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// What a [TlsConnection] passes on to the connection below, and what it answers out of the
/// engine's session.
abstract class OverTransport implements SecureConnection {
  final Connection transport;

  /// Null until the handshake begins.
  @Nullable SSLEngine engine;

  OverTransport(Connection transport) {
    this.transport = transport;
  }

  final SSLEngine engine() {
    return Objects.requireNonNull(engine, "the handshake has not begun");
  }

  @Override
  public void abort() {
    transport.abort();
  }

  // Passed through

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return transport.remoteAddress();
  }

  @Override
  public Owner owner() {
    return transport.owner();
  }

  @Override
  public boolean isInTurn() {
    return transport.isInTurn();
  }

  @Override
  public boolean mayBlock() {
    return transport.mayBlock();
  }

  @Override
  public void setTimer(long delayNanos) {
    transport.setTimer(delayNanos);
  }

  @Override
  public void cancelTimer() {
    transport.cancelTimer();
  }

  @Override
  public boolean isPeerTaking(int millis) {
    return transport.isPeerTaking(millis);
  }

  @Override
  public BufferPool buffers() {
    return transport.buffers();
  }

  // What was agreed upon

  @Override
  public String tlsVersion() {
    return engine().getSession().getProtocol();
  }

  @Override
  public String cipherSuite() {
    return engine().getSession().getCipherSuite();
  }

  @Override
  public @Nullable String applicationProtocol() {
    String agreed = engine().getApplicationProtocol();
    return agreed == null || agreed.isEmpty() ? null : agreed;
  }

  @Override
  public List<X509Certificate> peerCertificates() {
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate certificate : engine().getSession().getPeerCertificates()) {
        chain.add((X509Certificate) certificate);
      }
      return List.copyOf(chain);
    } catch (SSLPeerUnverifiedException e) {
      return List.of();
    }
  }

  @Override
  public String toString() {
    return "TLS on " + transport;
  }
}
