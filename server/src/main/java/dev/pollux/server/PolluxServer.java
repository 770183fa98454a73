package dev.pollux.server;

import dev.pollux.net.Engine;
import dev.pollux.net.IoModel;
import dev.pollux.net.ModelChoice;
import dev.pollux.net.tls.TlsStatistics;
import dev.pollux.session.Group;
import dev.pollux.session.Message;
import dev.pollux.session.OffloadPool;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketSession;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A server that runs, until it is stopped. Any thread may call its methods.
///
/// ```
///   start --> accepting --stop: no more connections, 1001 to each session--> draining --> stopped
///                                              all have ended, or the grace is over
/// ```
public final class PolluxServer implements AutoCloseable {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Engine engine;
  private final OffloadPool offloadPool;
  private final @Nullable ServerTls tls;
  private final HttpService service;
  private final InetSocketAddress address;
  private final Duration stopGrace;

  private PolluxServer(
      Engine engine,
      OffloadPool offloadPool,
      @Nullable ServerTls tls,
      HttpService service,
      InetSocketAddress address,
      Duration stopGrace) {
    this.engine = engine;
    this.offloadPool = offloadPool;
    this.tls = tls;
    this.service = service;
    this.address = address;
    this.stopGrace = stopGrace;
  }

  /// Takes engine and pool over: they are closed if this fails.
  static PolluxServer listen(
      Engine engine,
      OffloadPool pool,
      @Nullable ServerTls tls,
      HttpService service,
      InetSocketAddress address,
      Duration stopGrace)
      throws IOException {
    try {
      InetSocketAddress bound =
          engine.listen(
              address,
              tls == null ? service::newConnection : () -> tls.wrap(service.newConnection()));
      return new PolluxServer(engine, pool, tls, service, bound, stopGrace);
    } catch (IOException | RuntimeException e) {
      engine.close();
      pool.close();
      if (tls != null) {
        tls.close();
      }
      throw e;
    }
  }

  /// The address that is listened on, with the real port.
  public InetSocketAddress address() {
    return address;
  }

  /// The I/O model that runs; never [IoModel#AUTO].
  public IoModel model() {
    return engine.model();
  }

  /// Why this model: what `auto` found here, if it was left to it.
  public ModelChoice choice() {
    return engine.choice();
  }

  /// How many loops run; 1 for models without loops.
  public int loops() {
    return engine.loops();
  }

  /// Whether it speaks TLS.
  public boolean isTls() {
    return tls != null;
  }

  /// What TLS has done so far; null without TLS.
  public @Nullable TlsStatistics tlsStatistics() {
    return tls == null ? null : tls.statistics();
  }

  /// Reads certificates, keys and authorities again. Connections that are open go on as they are.
  ///
  /// @throws IOException saying what is wrong with which file; then the old ones stay
  /// @throws IllegalStateException without TLS
  public void reloadCertificates() throws IOException {
    if (tls == null) {
      throw new IllegalStateException("this server speaks no TLS");
    }
    tls.reload();
  }

  /// What the server has done so far.
  public ServerStatistics statistics() {
    return service.statistics(engine.statistics());
  }

  /// All open WebSockets of this server, as a group: who opens is in it, nobody joins or leaves
  /// otherwise.
  public Group everyone() {
    return service.sessions().everyone();
  }

  /// A new group of WebSockets of this server, without members: a room.
  public Group newGroup() {
    return service.sessions().newGroup();
  }

  /// Sends one message to many WebSockets of this server that are chosen for it: its frame is
  /// written once, and all of them send the same memory. For the same ones again and again a
  /// [#newGroup] costs less. What is above a WebSocket's limit of pending output is dealt with by
  /// the [dev.pollux.session.OutputPolicy].
  ///
  /// @param message one that a handler was shown, in that callback
  /// @param to which of the open WebSockets; asked on the calling thread, must be quick
  /// @return how many accepted it
  public int broadcast(Message message, Predicate<? super WebSocket> to) {
    return service
        .sessions()
        .broadcast(message.isText(), MemorySegment.ofBuffer(message.bytes()), to);
  }

  /// Sends one text message to many, as [#broadcast(Message, Predicate)] does.
  public int broadcastText(CharSequence text, Predicate<? super WebSocket> to) {
    byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
    return service.sessions().broadcast(true, MemorySegment.ofArray(utf8), to);
  }

  /// Sends one binary message to many, as [#broadcast(Message, Predicate)] does.
  ///
  /// @param data from its position to its limit, neither of which is changed
  public int broadcastBinary(ByteBuffer data, Predicate<? super WebSocket> to) {
    return service.sessions().broadcast(false, MemorySegment.ofBuffer(data), to);
  }

  /// Stops: accepts no more, closes each session with 1001 (going away) behind what is pending for
  /// it, waits until all have ended or `grace` is over, and then ends every connection, thread and
  /// descriptor. Returns when they are gone.
  ///
  /// Not to be called from a handler: it would wait for itself until the grace is over.
  public void stop(Duration grace) {
    long deadline = System.nanoTime() + grace.toNanos();
    service.stop();
    engine.stopListening();
    // Again and again, because a request that was under way may still have become a session.
    List<WebSocketSession> open = service.sessions().open();
    while (!open.isEmpty()
        && !Thread.currentThread().isInterrupted()
        && System.nanoTime() - deadline < 0) {
      open.forEach(session -> session.close(1001, "the server is stopping"));
      LockSupport.parkNanos(LOOK_NANOS);
      open = service.sessions().open();
    }
    engine.close();
    offloadPool.close();
    service.sessions().close();
    if (tls != null) {
      tls.close();
    }
  }

  /// Stops with the grace that the builder was told.
  @Override
  public void close() {
    stop(stopGrace);
  }
}
