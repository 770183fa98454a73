package dev.pollux.net.internal;

import dev.pollux.net.Protocol;
import dev.pollux.sys.Errno;
import java.io.IOException;
import java.net.InetSocketAddress;

/// An outgoing connection on its way, watched until it is writable: then it is a [LoopConnection],
/// or it has failed.
final class Connecting implements Watched {
  private final ReadinessLoop loop;
  private final int fd;
  private final InetSocketAddress remote;
  private final Protocol protocol;

  Connecting(ReadinessLoop loop, int fd, InetSocketAddress remote, Protocol protocol) {
    this.loop = loop;
    this.fd = fd;
    this.remote = remote;
    this.protocol = protocol;
  }

  @Override
  public void onReady(int readiness) {
    // connect(2) again tells without guessing: a poller that calls everything ready says nothing of
    // the outcome.
    int result = loop.connect(fd, remote);
    switch (-result) {
      case 0, Errno.EISCONN -> loop.connected(fd, remote, protocol);
      case Errno.EALREADY, Errno.EINPROGRESS, Errno.EINTR -> {}
      default -> failed(Errno.describe(result));
    }
  }

  @Override
  public void endWithEngine() {
    failed("the engine has ended");
  }

  void failed(String why) {
    loop.closeDescriptor(fd, false);
    loop.tellConnectFailed(
        protocol, new IOException("connect " + Sockets.text(remote) + ": " + why));
  }
}
