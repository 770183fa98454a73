package dev.pollux.client;

import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsClientOptions;
import dev.pollux.session.OffloadPool;
import dev.pollux.session.OutputPolicy;
import dev.pollux.session.SessionOptions;
import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.WebSocketLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;

/// Describes a client: each method returns this, [#start] begins. Not for several threads.
///
/// Without further words: [IoModel#EPOLL] and one loop, which holds any number of connections.
public final class ClientBuilder {
  private EngineOptions engine =
      EngineOptions.of(IoModel.EPOLL).withLoops(1).withThreadName("pollux-client");
  private ClientOptions options = ClientOptions.defaults();
  private TlsClientOptions tls = TlsClientOptions.defaults();
  private int offloadThreads = 64;
  private int offloadWaiting = 64 * 1024;

  ClientBuilder() {}

  /// How the client waits for I/O.
  public ClientBuilder io(IoModel model) {
    engine = engine.withModel(model);
    return this;
  }

  /// Event loops, by default 1; 0 for one per core. Models without loops ignore it.
  public ClientBuilder loops(int count) {
    engine = engine.withLoops(count);
    return this;
  }

  /// Changes any other option of the engine.
  public ClientBuilder engine(UnaryOperator<EngineOptions> change) {
    engine = change.apply(engine);
    return this;
  }

  /// How `wss:` is secured: whom to trust, which certificate to show. By default the authorities
  /// that the JDK trusts, and the host's name has to be in the certificate.
  public ClientBuilder tls(TlsClientOptions security) {
    tls = security;
    return this;
  }

  /// Sizes of what a server may send.
  public ClientBuilder limits(WebSocketLimits limits) {
    return sessions(options.sessions().withLimits(limits));
  }

  /// How much output may wait for a slow server.
  public ClientBuilder output(OutputPolicy policy) {
    return sessions(options.sessions().withOutput(policy));
  }

  /// How messages are compressed with servers that can (permessage-deflate, RFC 7692). It is
  /// offered to each server unless this client has [#noCompression]; without this call as
  /// [CompressionOptions#DEFAULT] says.
  public ClientBuilder compression(CompressionOptions how) {
    return sessions(options.sessions().withCompression(how));
  }

  /// Offers no compression.
  public ClientBuilder noCompression() {
    return sessions(options.sessions().withCompression(null));
  }

  /// How long a server has to accept the TCP connection. By default 10 seconds, for each address
  /// that its name has.
  public ClientBuilder connectTimeout(Duration time) {
    options = options.withConnectTimeout(time);
    return this;
  }

  /// How long a server has to answer the opening handshake. By default 10 seconds.
  public ClientBuilder handshakeTimeout(Duration time) {
    options = options.withHandshakeTimeout(time);
    return this;
  }

  /// How long a close may take, from the close frame to the end of the connection. By default 5
  /// seconds.
  public ClientBuilder closeTimeout(Duration time) {
    return sessions(options.sessions().withCloseTimeout(time));
  }

  /// How long [PolluxClient#close] gives the WebSockets to end. By default 5 seconds.
  public ClientBuilder stopGrace(Duration time) {
    options = options.withStopGrace(time);
    return this;
  }

  /// Threads for offloaded work; they are started when there is work. By default at most 64.
  public ClientBuilder offloadThreads(int atMost) {
    offloadThreads = atMost;
    return this;
  }

  /// Works of one WebSocket that may be offloaded and not told yet (256), and works of all that may
  /// wait for a thread (65,536); beyond these [dev.pollux.session.WebSocket#offload] returns false.
  public ClientBuilder offloadBacklog(int ofOneWebSocket, int ofAll) {
    offloadWaiting = ofAll;
    return sessions(options.sessions().withOffloadBacklog(ofOneWebSocket));
  }

  private ClientBuilder sessions(SessionOptions changed) {
    options = options.withSessions(changed);
    return this;
  }

  /// Starts the client's threads; there are no connections yet.
  ///
  /// @throws IOException if the model can't be had here; the message says why
  public PolluxClient start() throws IOException {
    OffloadPool pool = new OffloadPool(engine.threadName(), offloadThreads, offloadWaiting);
    try {
      return new PolluxClient(
          Engine.open(engine),
          engine.memory(),
          pool,
          new Security(tls, engine.threadName()),
          Delays.byTheClock(engine.threadName()),
          options);
    } catch (IOException | RuntimeException e) {
      pool.close();
      throw e;
    }
  }
}
