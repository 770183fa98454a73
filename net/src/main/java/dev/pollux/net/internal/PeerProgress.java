package dev.pollux.net.internal;

import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import dev.pollux.sys.TcpInfo;
import java.lang.foreign.Arena;

/// Whether a peer takes what it is sent, as the kernel sees it. Of one owner.
public final class PeerProgress {
  /// One is under way, and its answer too.
  private static final int PROBES_TOLERATED = 1;

  private final TcpInfo info;

  public PeerProgress(Arena arena) {
    this.info = TcpInfo.allocate(arena);
  }

  /// What [dev.pollux.net.Connection#isPeerTaking] says.
  public boolean isTaking(Kernel kernel, int fd, int millis) {
    if (!ask(kernel, fd)) {
      return false;
    }
    if (info.segmentsUnacknowledged() > 0) {
      return info.millisSinceAcknowledgement() < millis;
    }
    return info.bytesNotSent() > 0 && info.unansweredProbes() <= PROBES_TOLERATED;
  }

  /// Bytes that the kernel has had from the peer, received or not; -1 if it does not say.
  public long bytesFromPeer(Kernel kernel, int fd) {
    return ask(kernel, fd) ? info.bytesReceived() : -1;
  }

  private boolean ask(Kernel kernel, int fd) {
    return kernel.getsockopt(fd, Socket.IPPROTO_TCP, Socket.TCP_INFO, info.segment())
        == info.segment().byteSize();
  }
}
