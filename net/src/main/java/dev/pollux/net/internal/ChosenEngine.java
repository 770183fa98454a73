package dev.pollux.net.internal;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Engine;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.IoModel;
import dev.pollux.net.ModelChoice;
import dev.pollux.net.Protocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/// The engine that `auto` took, which knows why.
public record ChosenEngine(Engine engine, ModelChoice choice) implements Engine {

  @Override
  public IoModel model() {
    return engine.model();
  }

  @Override
  public int loops() {
    return engine.loops();
  }

  @Override
  public String details() {
    return engine.details();
  }

  @Override
  public InetSocketAddress listen(InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException {
    return engine.listen(address, protocols);
  }

  @Override
  public void stopListening() {
    engine.stopListening();
  }

  @Override
  public void connect(ConnectOptions options, Protocol protocol) {
    engine.connect(options, protocol);
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
