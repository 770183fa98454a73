package dev.pollux.net.internal;

import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What the connections of every engine have: a descriptor, a peer, and the protocol of the moment.
abstract class EngineConnection implements Connection {
  final int fd;
  private final @Nullable PeerAddress peer;
  private Protocol protocol;

  EngineConnection(int fd, @Nullable PeerAddress peer, Protocol protocol) {
    this.fd = fd;
    this.peer = peer;
    this.protocol = protocol;
  }

  final Protocol protocol() {
    return protocol;
  }

  @Override
  public final @Nullable InetSocketAddress remoteAddress() {
    return peer == null ? null : peer.toInetSocketAddress();
  }

  @Override
  public final void handOver(Protocol next, MemorySegment buffer, int offset, int length) {
    protocol = next;
    next.onOpen(this);
    if (length > 0 && isOpen()) {
      next.onBytes(this, buffer, offset, length);
    }
  }

  @Override
  public final String toString() {
    return "connection " + peer + " (fd " + fd + ")";
  }

  /// What a thread of its own is called: the port first, because Linux shows 15 characters.
  final String threadName() {
    InetSocketAddress remote = remoteAddress();
    return remote == null ? "client" : "client-" + remote.getPort() + "@" + Sockets.ip(remote);
  }
}
