package dev.pollux.net.simulation;

import dev.pollux.sys.Epoll;
import dev.pollux.sys.Errno;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One end of a TCP connection, as net/ipv4/tcp.c behaves: a finite send buffer, whose bytes arrive
/// at the peer's finite receive buffer later, in pieces of any size; FIN behind them, or a reset
/// ahead of them.
///
/// ```
///   FRESH --connect--> CONNECTING --SYN-ACK--> ESTABLISHED --reset, time out--> CLOSED
///                           +------refused----------------------------------------^
/// ```
///
/// An orderly end stays `ESTABLISHED` with both directions shut. An end whose program has closed it
/// goes on until its last byte and FIN have arrived, and answers data with a reset.
final class TcpEnd extends OpenFile {
  enum State {
    FRESH,
    CONNECTING,
    ESTABLISHED,
    CLOSED
  }

  /// `TCP_USER_TIMEOUT` as every engine sets it here.
  static final long USER_TIMEOUT_NANOS = 60_000_000_000L;

  private final Network network;
  private final Bytes received;
  private final Bytes unsent;
  State state = State.FRESH;
  @Nullable TcpEnd peer;
  int localPort;
  int remotePort;
  boolean resetOnClose;

  /// FIN has arrived, or nothing can any more: `RCV_SHUTDOWN`.
  private boolean inputOver;

  private boolean finArrived;

  /// `SEND_SHUTDOWN`.
  private boolean outputShut;

  private boolean finSent;
  private int error;
  private boolean connectTold;

  /// Delivered, and not acknowledged yet: still in the send buffer.
  private int unacknowledged;

  /// The program was refused room, and is woken when there is some: `SOCK_NOSPACE`.
  private boolean noSpace;

  private boolean deliveryUnderWay;
  private boolean timeoutUnderWay;
  private long lastProgressNanos;

  /// The program has closed it.
  private boolean gone;

  /// The machine is off.
  private boolean vanished;

  /// It was reset or timed out at some time, or a fault made it so.
  boolean broken;

  TcpEnd(Network network, int sendBufferBytes, int receiveBufferBytes) {
    this.network = network;
    this.unsent = new Bytes(sendBufferBytes);
    this.received = new Bytes(receiveBufferBytes);
  }

  // Connecting

  void connecting() {
    state = State.CONNECTING;
  }

  void established() {
    if (gone) {
      return;
    }
    if (state == State.FRESH || state == State.CONNECTING) {
      state = State.ESTABLISHED;
      wake(Epoll.EPOLLOUT);
      kick();
      // What the peer has sent meanwhile comes behind its SYN-ACK.
      windowOpened();
    }
  }

  void refused(int errno) {
    if (state == State.CONNECTING && !gone) {
      die(errno);
    }
  }

  /// connect(2) once more, on a descriptor that does not block.
  int connectAgain() {
    return switch (state) {
      case CONNECTING -> -Errno.EALREADY;
      case ESTABLISHED -> {
        boolean told = connectTold;
        connectTold = true;
        yield told ? -Errno.EISCONN : 0;
      }
      default -> error != 0 ? takeError() : -Errno.ECONNABORTED;
    };
  }

  // The program's calls

  int receive(MemorySegment buffer, int most) {
    if (received.size() > 0) {
      int length = Math.min(most, received.size());
      received.take(buffer, length);
      windowOpened();
      return length;
    }
    return emptyReceive();
  }

  int receive(byte[] buffer, int most) {
    if (received.size() > 0) {
      int length = Math.min(most, received.size());
      received.take(buffer, 0, length);
      windowOpened();
      return length;
    }
    return emptyReceive();
  }

  private int emptyReceive() {
    if (finArrived) {
      // SOCK_DONE: behind a FIN even a reset is the end only; who sends learns of it.
      return 0;
    }
    if (error != 0) {
      return takeError();
    }
    if (state == State.FRESH) {
      return -Errno.ENOTCONN;
    }
    return inputOver ? 0 : -Errno.EAGAIN;
  }

  /// Room in the send buffer, or -errno.
  int sendRoom() {
    if (error != 0) {
      return takeError();
    }
    if (outputShut || state == State.FRESH) {
      return -Errno.EPIPE;
    }
    int room = unsent.room() - unacknowledged;
    if (state == State.CONNECTING || room <= 0) {
      noSpace = true;
      return -Errno.EAGAIN;
    }
    return room;
  }

  void send(MemorySegment source, long offset, int length) {
    unsent.add(source, offset, length);
    kick();
  }

  void send(byte[] source, int offset, int length) {
    unsent.add(source, offset, length);
    kick();
  }

  /// Less was taken than was offered.
  void cutShort() {
    noSpace = true;
  }

  int shutdownOutput() {
    if (state != State.ESTABLISHED) {
      return -Errno.ENOTCONN;
    }
    if (!outputShut) {
      outputShut = true;
      wake(0);
      kick();
    }
    return 0;
  }

  /// The program closes it; bytes that nobody has read make a reset of that, and so does `reset`.
  void close(boolean reset) {
    gone = true;
    if (state == State.ESTABLISHED) {
      if (reset || received.size() > 0) {
        unsent.clear();
        state = State.CLOSED;
        resetPeer();
      } else {
        outputShut = true;
        kick();
      }
    } else if (state == State.CONNECTING) {
      state = State.CLOSED;
      resetPeer();
    }
  }

  @Override
  void closed() {
    close(resetOnClose);
  }

  void vanish() {
    vanished = true;
    gone = true;
    unsent.clear();
    if (peer != null) {
      peer.kick();
    }
  }

  // What the far side does

  private void resetPeer() {
    TcpEnd other = peer;
    if (other != null && !vanished) {
      network.agenda.after(network.delay(), other::resetArrives);
    }
  }

  /// A reset has arrived: what has been received can still be read.
  void resetArrives() {
    if (state != State.CLOSED && !vanished) {
      // tcp_reset(): in CLOSE_WAIT it is EPIPE.
      die(inputOver && !outputShut ? Errno.EPIPE : Errno.ECONNRESET);
    }
  }

  private void die(int errno) {
    error = errno;
    broken = true;
    state = State.CLOSED;
    inputOver = true;
    outputShut = true;
    unsent.clear();
    unacknowledged = 0;
    if (!gone) {
      wake(0);
    }
  }

  private void finArrives() {
    if (state == State.ESTABLISHED && !inputOver) {
      inputOver = true;
      finArrived = true;
      if (!gone) {
        wake(0);
      }
    }
  }

  private void windowOpened() {
    if (peer != null) {
      peer.kick();
    }
  }

  /// Sends what can be sent, after a while.
  private void kick() {
    TcpEnd other = peer;
    if (other == null || state != State.ESTABLISHED || vanished) {
      return;
    }
    if (!deliveryUnderWay && canDeliver(other)) {
      deliveryUnderWay = true;
      network.agenda.after(network.delay(), this::deliver);
    } else if (!timeoutUnderWay && unsent.size() > 0 && !canDeliver(other)) {
      timeoutUnderWay = true;
      lastProgressNanos = network.agenda.now();
      network.agenda.after(USER_TIMEOUT_NANOS, this::userTimeout);
    }
  }

  private boolean canDeliver(TcpEnd other) {
    if (other.vanished || other.state == State.CONNECTING) {
      return false;
    }
    return unsent.size() > 0 ? other.gone || other.received.room() > 0 : outputShut && !finSent;
  }

  private void deliver() {
    deliveryUnderWay = false;
    TcpEnd other = peer;
    if (other == null || state != State.ESTABLISHED || vanished || !canDeliver(other)) {
      return;
    }
    if (unsent.size() == 0) {
      finSent = true;
      other.finArrives();
      return;
    }
    lastProgressNanos = network.agenda.now();
    if (other.gone || other.state == State.CLOSED) {
      network.agenda.after(network.delay(), this::resetArrives);
      return;
    }
    int most = Math.min(unsent.size(), other.received.room());
    int length = network.chance.percent(60) ? most : network.chance.between(1, most);
    unsent.moveTo(other.received, length);
    other.wake(Epoll.EPOLLIN);
    unacknowledged += length;
    if (network.chance.percent(50)) {
      acknowledged(length);
    } else {
      network.agenda.after(network.delay(), () -> acknowledged(length));
    }
    kick();
  }

  private void acknowledged(int length) {
    if (state == State.ESTABLISHED) {
      lastProgressNanos = network.agenda.now();
      unacknowledged -= length;
      if (noSpace && isWritable()) {
        noSpace = false;
        if (!gone) {
          wake(Epoll.EPOLLOUT);
        }
      }
    }
  }

  private void userTimeout() {
    timeoutUnderWay = false;
    if (state != State.ESTABLISHED || unsent.size() == 0) {
      return;
    }
    long left = lastProgressNanos + USER_TIMEOUT_NANOS - network.agenda.now();
    if (left > 0) {
      timeoutUnderWay = true;
      network.agenda.after(left, this::userTimeout);
    } else {
      die(Errno.ETIMEDOUT);
    }
  }

  // Readiness

  /// sk_stream_is_writeable(): a third of the buffer is free.
  private boolean isWritable() {
    int queued = unsent.size() + unacknowledged;
    return unsent.capacity() - queued >= queued / 2 && queued < unsent.capacity();
  }

  /// tcp_poll().
  @Override
  int readiness() {
    if (state == State.FRESH) {
      return Epoll.EPOLLOUT | Epoll.EPOLLHUP;
    }
    if (state == State.CONNECTING) {
      return error != 0 ? Epoll.EPOLLERR : 0;
    }
    int bits = error != 0 ? Epoll.EPOLLERR : 0;
    if ((inputOver && outputShut) || state == State.CLOSED) {
      bits |= Epoll.EPOLLHUP;
    }
    if (inputOver) {
      bits |= Epoll.EPOLLIN | Epoll.EPOLLRDHUP;
    }
    if (received.size() > 0) {
      bits |= Epoll.EPOLLIN;
    }
    if (outputShut || isWritable()) {
      bits |= Epoll.EPOLLOUT;
    } else {
      noSpace = true;
    }
    return bits;
  }

  /// SO_ERROR: the pending error, which is none afterwards.
  int takeError() {
    int taken = error;
    error = 0;
    return -taken;
  }

  boolean isReadable() {
    return received.size() > 0;
  }

  int receivedBytes() {
    return received.size();
  }

  int unsentBytes() {
    return unsent.size();
  }

  boolean isInputOver() {
    return inputOver;
  }

  boolean isGone() {
    return gone;
  }

  /// A fault of the network: both ends see a reset.
  void breakDown() {
    broken = true;
    TcpEnd other = peer;
    resetArrives();
    if (other != null) {
      other.broken = true;
      network.agenda.after(network.delay(), other::resetArrives);
    }
  }

  @Override
  public String toString() {
    return localPort
        + ">"
        + remotePort
        + " "
        + state
        + (error != 0 ? " " + Errno.describe(-error) : "")
        + (inputOver ? " inputOver" : "")
        + (outputShut ? " outputShut" : "")
        + (gone ? " gone" : "")
        + (vanished ? " vanished" : "")
        + " received="
        + received.size()
        + " unsent="
        + unsent.size()
        + " unacknowledged="
        + unacknowledged
        + (noSpace ? " noSpace" : "");
  }
}
