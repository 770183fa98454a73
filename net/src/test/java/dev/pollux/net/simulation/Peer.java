package dev.pollux.net.simulation;

import dev.pollux.sys.Errno;

/// The far end of a connection to a [SimulatedHost], for a client that a test writes.
public final class Peer {
  private final TcpEnd tcp;
  private boolean over;

  Peer(TcpEnd tcp) {
    this.tcp = tcp;
  }

  /// Is told whenever there may be something to read, or room to write, that was not there before.
  public void onWake(Runnable told) {
    tcp.onWake = told;
  }

  /// Whether the handshake of TCP is over.
  public boolean isConnected() {
    return tcp.state != TcpEnd.State.FRESH && tcp.state != TcpEnd.State.CONNECTING;
  }

  /// Sends as much as there is room for.
  ///
  /// @return how many bytes that was: 0 if there is no room, or nobody takes it any more
  public int send(byte[] bytes, int offset, int length) {
    int room = over || !isConnected() ? 0 : tcp.sendRoom();
    int part = Math.clamp(room, 0, length);
    if (part > 0) {
      tcp.send(bytes, offset, part);
    }
    return part;
  }

  /// Receives at most so many bytes: how many there were, 0 if there are none now, -1 at the end of
  /// input, -2 after a reset.
  public int receive(byte[] bytes, int most) {
    int result = isConnected() ? tcp.receive(bytes, most) : -Errno.EAGAIN;
    if (result == 0) {
      return -1;
    }
    return result == -Errno.EAGAIN ? 0 : result < 0 ? -2 : result;
  }

  /// Whether a receive has something to tell.
  public boolean isReadable() {
    return tcp.isReadable() || tcp.isInputOver();
  }

  /// Whether a fault or a reset broke the connection, at whichever end.
  public boolean wasBroken() {
    TcpEnd other = tcp.peer;
    return tcp.broken || (other != null && other.broken);
  }

  public void shutdownOutput() {
    tcp.shutdownOutput();
  }

  /// Closes it: with FIN, or, if bytes are unread, with a reset.
  public void close() {
    if (!over) {
      over = true;
      tcp.close(false);
    }
  }

  public void reset() {
    if (!over) {
      over = true;
      tcp.close(true);
    }
  }

  /// Its machine is off from now on.
  public void vanish() {
    if (!over) {
      over = true;
      tcp.vanish();
    }
  }

  /// Whether this side has ended it.
  public boolean isOver() {
    return over;
  }

  @Override
  public String toString() {
    return "[" + tcp + "] near [" + tcp.peer + "]";
  }
}
