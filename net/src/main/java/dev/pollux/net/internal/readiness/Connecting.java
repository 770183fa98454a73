package dev.pollux.net.internal.readiness;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.Sockets;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.io.IOException;

/// An outgoing connection on its way, watched until it is writable: then it is a [LoopConnection],
/// or it has failed.
public final class Connecting implements Watched {
  private final ReadinessLoop loop;
  private final int fd;
  private final ConnectOptions options;
  private final Protocol protocol;

  /// It has failed, and the protocol was told.
  private boolean over;

  private Connecting(ReadinessLoop loop, int fd, ConnectOptions options, Protocol protocol) {
    this.loop = loop;
    this.fd = fd;
    this.options = options;
    this.protocol = protocol;
  }

  /// Begins to connect; the loop's load has been raised for it.
  public static void begin(ReadinessLoop loop, ConnectOptions options, Protocol protocol) {
    int fd;
    try {
      fd = Sockets.openFor(loop.kernel(), options, loop.options, Socket.SOCK_NONBLOCK);
    } catch (IOException e) {
      loop.load().decrementAndGet();
      loop.tellConnectFailed(protocol, e);
      return;
    }
    Connecting connecting = new Connecting(loop, fd, options, protocol);
    try {
      connecting.begin();
    } catch (Throwable t) {
      loop.owner().reportFailure("connecting to " + Sockets.text(options.remote()) + " failed", t);
      connecting.failed(t.toString());
    }
  }

  private void begin() {
    int result = loop.connect(fd, options.remote());
    int watched =
        loop.watches().watch(fd, this, Interest.WRITE | (loop.edgeTriggered() ? Interest.READ : 0));
    if (watched < 0) {
      notWatched(watched);
    } else if (result == 0) {
      connected();
    } else if (result == -Errno.EINPROGRESS || result == -Errno.EINTR) {
      loop.watches().setTimer(fd, options.timeout().toNanos());
    } else {
      failed(Errno.describe(result));
    }
  }

  @Override
  public void onReady(int readiness) {
    // connect(2) again tells without guessing: a poller that calls everything ready says nothing of
    // the outcome.
    int result = loop.connect(fd, options.remote());
    while (result == -Errno.EINTR) {
      // An edge-triggered poller won't tell again.
      result = loop.connect(fd, options.remote());
    }
    switch (-result) {
      case 0, Errno.EISCONN -> {
        loop.spins.progress();
        loop.watches().cancelTimer(fd);
        connected();
      }
      case Errno.EALREADY, Errno.EINPROGRESS -> {}
      default -> failed(Errno.describe(result));
    }
  }

  private void connected() {
    int result = loop.connected(fd, options.remote(), protocol);
    if (result < 0) {
      notWatched(result);
    }
  }

  private void notWatched(int result) {
    failed("the descriptor can't be watched: " + Errno.describe(result));
  }

  @Override
  public void onTimer() {
    failed(Sockets.noAnswer(options));
  }

  @Override
  public void endWithEngine() {
    failed("the engine has ended");
  }

  /// Its event has thrown.
  public void fail(Throwable cause) {
    failed("the event that tells of it failed: " + cause);
  }

  private void failed(String why) {
    if (over) {
      return;
    }
    over = true;
    loop.spins.progress();
    loop.attempt(() -> loop.closeDescriptor(fd, false));
    loop.tellConnectFailed(
        protocol, new IOException("connect " + Sockets.text(options.remote()) + ": " + why));
  }
}
