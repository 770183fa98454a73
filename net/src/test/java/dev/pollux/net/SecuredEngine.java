package dev.pollux.net;

import dev.pollux.net.tls.TlsClient;
import dev.pollux.net.tls.TlsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/// An engine whose connections all speak TLS.
record SecuredEngine(Engine engine, TlsServer server, TlsClient client) implements Engine {
  @Override
  public IoModel model() {
    return engine.model();
  }

  @Override
  public int loops() {
    return engine.loops();
  }

  @Override
  public InetSocketAddress listen(InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException {
    return engine.listen(address, () -> server.wrap(protocols.get()));
  }

  @Override
  public void stopListening() {
    engine.stopListening();
  }

  @Override
  public void connect(ConnectOptions options, Protocol protocol) {
    engine.connect(options, client.wrap(protocol, "localhost", options.remote().getPort()));
  }

  @Override
  public EngineStatistics statistics() {
    return engine.statistics();
  }

  @Override
  public void close() {
    engine.close();
  }
}
