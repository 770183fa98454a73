package dev.pollux.net.internal;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Protocol;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SyscallLedger;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// An outgoing connection of a [ThreadEngine] on its way: its thread, which is going to be the
/// worker, sits blocked in connect(2). When the time is over, or the engine ends, another thread
/// shuts the socket down, which wakes it.
final class Connector {
  private final ThreadEngine engine;
  private final ConnectOptions options;
  private final Protocol protocol;

  // Guarded by this, because the descriptor's number may be another's once it is not ours.
  private int fd = -1;
  private @Nullable String interrupted;

  Connector(ThreadEngine engine, ConnectOptions options, Protocol protocol) {
    this.engine = engine;
    this.options = options;
    this.protocol = protocol;
  }

  /// Connects on the calling thread. The connection, or null if the protocol was told that there is
  /// none.
  @Nullable ThreadConnection connect() {
    try (Arena arena = Arena.ofConfined()) {
      Kernel kernel =
          new CountingKernel(engine.options().kernels().apply(arena), new SyscallLedger());
      int socket = Sockets.openFor(kernel, options, engine.options(), 0);
      String failure = connect(kernel, socket, SockAddr.of(arena, options.remote()));
      if (failure != null) {
        kernel.close(socket);
        throw new IOException("connect " + Sockets.text(options.remote()) + ": " + failure);
      }
      return new ThreadConnection(engine, socket, PeerAddress.of(options.remote()), protocol);
    } catch (IOException e) {
      protocol.onConnectFailed(e);
      return null;
    }
  }

  private @Nullable String connect(Kernel kernel, int socket, SockAddr remote) {
    synchronized (this) {
      if (interrupted != null) {
        return interrupted;
      }
      fd = socket;
    }
    Future<?> timer =
        engine.schedule(options.timeout().toNanos(), () -> interrupt(Sockets.noAnswer(options)));
    int result = kernel.connect(socket, remote);
    timer.cancel(false);
    synchronized (this) {
      fd = -1;
      if (interrupted != null) {
        return interrupted;
      }
    }
    return result < 0 ? Errno.describe(result) : null;
  }

  /// Ends the attempt, for the reason `why`. Any thread.
  synchronized void interrupt(String why) {
    if (interrupted == null) {
      interrupted = why;
    }
    if (fd >= 0) {
      engine.shutdown(fd, Socket.SHUT_RDWR);
    }
  }
}
