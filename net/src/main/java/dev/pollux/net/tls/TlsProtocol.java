package dev.pollux.net.tls;

import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/// What the engine below is given: it waits for the connection, and hands it over to a
/// [TlsConnection].
final class TlsProtocol implements Protocol {
  private final TlsSide side;
  private final boolean client;
  private final Supplier<SSLEngine> engines;
  private final Protocol inner;

  TlsProtocol(TlsSide side, boolean client, Supplier<SSLEngine> engines, Protocol inner) {
    this.side = side;
    this.client = client;
    this.engines = engines;
    this.inner = inner;
  }

  @Override
  public void onOpen(Connection transport) {
    TlsConnection secured = new TlsConnection(transport, side, client, engines, inner);
    transport.handOver(secured, MemorySegment.NULL, 0, 0);
  }

  @Override
  public void onBytes(Connection transport, MemorySegment buffer, int offset, int length) {
    throw new IllegalStateException("the connection was handed over");
  }

  /// There can't be a handshake any more, so nothing is said in the words of the protocol inside:
  /// an alert tells the peer that it is the server, not the network.
  @Override
  public void onRefused(Connection transport, Refusal refusal) {
    MemorySegment alert = MemorySegment.ofArray(TlsRecord.INTERNAL_ERROR_ALERT);
    transport.write(alert, 0, TlsRecord.INTERNAL_ERROR_ALERT.length);
  }

  @Override
  public void onConnectFailed(IOException cause) {
    inner.onConnectFailed(cause);
  }
}
