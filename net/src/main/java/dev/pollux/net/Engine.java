package dev.pollux.net;

import dev.pollux.net.internal.Engines;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/// Runs connections by one I/O model. Any thread may call its methods.
public interface Engine extends AutoCloseable {

  /// Starts the engine's threads; there are no connections yet.
  ///
  /// @throws IOException if the model can't be had here; the message says why
  static Engine open(EngineOptions options) throws IOException {
    return Engines.open(options);
  }

  /// The model that runs: of an engine that was opened with [IoModel#AUTO], the one that was taken.
  IoModel model();

  /// Why this model. [IoModel#AUTO] says so in the log as well.
  default ModelChoice choice() {
    return ModelChoice.of(model());
  }

  /// How many loops run; 1 for models without loops.
  int loops();

  /// What the engine uses of what the kernel may have, for a person; empty where there is no
  /// choice.
  default String details() {
    return "";
  }

  /// Accepts connections on `address` (port 0: any free port), each with a new protocol.
  ///
  /// @return the address that is listened on, with the real port
  /// @throws IOException naming the call, the errno and the address: `bind 127.0.0.1:80: EACCES`
  InetSocketAddress listen(InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException;

  /// Stops accepting on all addresses; connections that are open stay. Returns when no more can be
  /// accepted.
  void stopListening();

  /// Connects, without waiting for it. The outcome is told to `protocol`: [Protocol#onOpen] or
  /// [Protocol#onConnectFailed].
  void connect(ConnectOptions options, Protocol protocol);

  /// Connects to `remote` with the default options.
  default void connect(InetSocketAddress remote, Protocol protocol) {
    connect(ConnectOptions.to(remote), protocol);
  }

  /// What the engine has done so far.
  EngineStatistics statistics();

  /// Ends every connection ([CloseReason#ENGINE_CLOSED]; what is pending is offered to the kernel
  /// once more), every thread and every descriptor, and returns when they are gone. From a
  /// callback's own thread it only begins that.
  @Override
  void close();
}
