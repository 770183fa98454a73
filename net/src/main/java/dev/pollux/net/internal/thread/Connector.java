package dev.pollux.net.internal.thread;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.Sockets;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// An outgoing connection of a [ThreadEngine] on its way: its thread, which is going to be the
/// worker, waits in connect(2) or for it. When the time is over, or the engine ends, another thread
/// shuts the socket down, which wakes it.
public final class Connector {
  private final ThreadEngine engine;
  private final ConnectOptions options;
  private final Protocol protocol;

  // Guarded by this, because the descriptor's number may be another's once it is not ours.
  private int fd = -1;
  private Waiting parked = Waiting.IN_THE_CALL;
  private @Nullable String interrupted;

  public Connector(ThreadEngine engine, ConnectOptions options, Protocol protocol) {
    this.engine = engine;
    this.options = options;
    this.protocol = protocol;
  }

  /// Connects on the calling thread. The connection, or null if the protocol was told that there is
  /// none.
  public @Nullable ThreadConnection connect() {
    // It may wait in between with its desk taken, which is one more for a moment.
    try (Desks.Seat seat = engine.desks().seat();
        Arena arena = Arena.ofConfined()) {
      Kernel kernel = seat.desk().kernel();
      int socket = Sockets.openFor(kernel, options, engine.options(), engine.socketFlags());
      Waiting waiting = null;
      try {
        waiting = engine.waitingFor(kernel, socket);
        String failure =
            waiting == null
                ? "the kernel can't watch one descriptor more"
                : connect(kernel, socket, SockAddr.of(arena, options.remote()), waiting);
        if (waiting == null || failure != null) {
          throw new IOException("connect " + Sockets.text(options.remote()) + ": " + failure);
        }
        return new ThreadConnection(
            engine, socket, PeerAddress.of(options.remote()), protocol, waiting, true);
      } catch (Throwable t) {
        if (waiting != null) {
          engine.forget(waiting);
        }
        kernel.close(socket);
        throw t;
      }
    } catch (IOException e) {
      tellFailed(e);
      return null;
    } catch (Throwable t) {
      engine.reportFailure("connecting to " + Sockets.text(options.remote()) + " failed", t);
      tellFailed(new IOException("connect " + Sockets.text(options.remote()), t));
      return null;
    }
  }

  /// Tells the protocol that there is no connection.
  public void tellFailed(IOException cause) {
    try {
      protocol.onConnectFailed(cause);
    } catch (Throwable t) {
      engine.reportFailure("the protocol of a connection that could not be made failed", t);
    }
  }

  private @Nullable String connect(Kernel kernel, int socket, SockAddr remote, Waiting waiting) {
    synchronized (this) {
      if (interrupted != null) {
        return interrupted;
      }
      fd = socket;
      parked = waiting;
    }
    int result;
    Future<?> timer = null;
    try {
      timer =
          engine.schedule(options.timeout().toNanos(), () -> interrupt(Sockets.noAnswer(options)));
      result = kernel.connect(socket, remote);
      while ((result == -Errno.EINPROGRESS || result == -Errno.EALREADY) && !isInterrupted()) {
        waiting.awaitWritable();
        result = isInterrupted() ? result : kernel.connect(socket, remote);
      }
    } finally {
      if (timer != null) {
        timer.cancel(false);
      }
      notOurs();
    }
    if (isInterrupted()) {
      return interrupted;
    }
    return result < 0 && result != -Errno.EISCONN ? Errno.describe(result) : null;
  }

  /// Nobody who interrupts it touches the descriptor any more.
  private synchronized void notOurs() {
    fd = -1;
  }

  private synchronized boolean isInterrupted() {
    return interrupted != null;
  }

  /// Ends the attempt, for the reason `why`. Any thread.
  public synchronized void interrupt(String why) {
    if (interrupted == null) {
      interrupted = why;
    }
    if (fd >= 0) {
      engine.calls().shutdownSurely(fd, Socket.SHUT_RDWR);
      parked.wake();
    }
  }
}
