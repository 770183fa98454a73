package dev.pollux.net.simulation;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pollux.net.internal.TurnedEngine;
import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.Rlimit;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// A kernel in memory: sockets, eventfd, select, poll and epoll, without a thread, a real socket or
/// real time. All that happens follows from the seed of its [Chance] and from the calls.
///
/// Time passes with each call and while a call waits; whatever is due meanwhile happens then, so
/// that segments arrive, and other threads act, between any two calls. A call that would wait for
/// ever returns `EINTR`.
///
/// For several threads that one thread plays, a call that would wait can be left instead
/// ([#parkWaits]): it returns 0, says until when it would wait, and is asked again later
/// ([#onlyLook]). And between two calls of one of them another one may do something
/// ([#interleave]).
///
/// Descriptors that do not block are all there are: a call on another one is treated the same.
public final class SimulatedKernel implements Kernel, TurnedEngine.LastWait {
  private static final int SPINS = 10;
  private static final int CALL_NANOS = 2_000;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final Descriptors descriptors;
  private final Agenda agenda;
  private final Network network;
  private final Chance chance;
  private final Faults faults;
  private final CallLog log;

  // What the loop has got done, to tell a wait that is worth it from spinning.
  private long progress;
  private long progressAtLastWait = -1;
  private int spins;
  private boolean parks;
  private boolean onlyLooks;
  private long untilNanos = -1;
  private int interleavings;
  private Runnable meanwhile = () -> {};
  private long faultsSoFar;
  private long bytesReceived;

  SimulatedKernel(Agenda agenda, Network network, Chance chance, Faults faults, CallLog log) {
    this.agenda = agenda;
    this.network = network;
    this.chance = chance;
    this.faults = faults;
    this.log = log;
    this.descriptors = new Descriptors(faults.descriptors());
  }

  /// From now on waits are left and not waited.
  void parkWaits() {
    parks = true;
  }

  /// Lets somebody else do something between calls.
  ///
  /// @param cases out of 10,000 calls
  void interleave(int cases, Runnable what) {
    interleavings = cases;
    meanwhile = what;
  }

  @Override
  public long untilNanos() {
    return untilNanos;
  }

  @Override
  public long nowNanos() {
    return agenda.now();
  }

  @Override
  public void onlyLook(boolean look) {
    onlyLooks = look;
  }

  /// What calls have got done so far; only its change has a meaning.
  long progress() {
    return progress;
  }

  /// How many faults there were.
  long faultsSoFar() {
    return faultsSoFar;
  }

  Descriptors descriptors() {
    return descriptors;
  }

  long bytesReceived() {
    return bytesReceived;
  }

  private void enter() {
    agenda.pass(chance.below(CALL_NANOS));
    if (chance.tenThousandth(interleavings)) {
      meanwhile.run();
    }
  }

  private boolean fault(int cases) {
    boolean happens = chance.tenThousandth(cases);
    faultsSoFar += happens ? 1 : 0;
    return happens;
  }

  private int done(String call, int fd, int result) {
    log.note(agenda.now(), call, fd, result);
    return result;
  }

  private int open(OpenFile file) {
    int fd = descriptors.add(file);
    if (fd >= 0) {
      progress++;
    }
    return fd;
  }

  // Sockets

  @Override
  public int socket(int domain, int type, int protocol) {
    enter();
    TcpEnd end = new TcpEnd(network, network.bufferBytes(), network.bufferBytes());
    end.localPort = network.freePort();
    return done("socket", -1, open(end));
  }

  @Override
  public int bind(int fd, SockAddr address) {
    enter();
    if (!(descriptors.at(fd) instanceof TcpEnd end)) {
      return done("bind", fd, descriptors.notASocket(fd));
    }
    if (address.port() != 0) {
      end.localPort = address.port();
    }
    return done("bind", fd, 0);
  }

  @Override
  public int listen(int fd, int backlog) {
    enter();
    if (!(descriptors.at(fd) instanceof TcpEnd end)) {
      return done("listen", fd, descriptors.notASocket(fd));
    }
    ListeningFile listening = network.bind(end.localPort, backlog);
    if (listening == null) {
      return done("listen", fd, -Errno.EADDRINUSE);
    }
    descriptors.replace(fd, listening);
    return done("listen", fd, 0);
  }

  @Override
  public int accept4(int fd, @Nullable SockAddr peer, int flags) {
    enter();
    if (!(descriptors.at(fd) instanceof ListeningFile listening)) {
      return done("accept4", fd, descriptors.notASocket(fd));
    }
    // The descriptor comes first: EMFILE also when nobody waits.
    if (descriptors.isFull()) {
      return done("accept4", fd, -Errno.EMFILE);
    }
    if (fault(faults.tableFull())) {
      return done("accept4", fd, -Errno.ENFILE);
    }
    if (fault(faults.interrupted())) {
      return done("accept4", fd, -Errno.EINTR);
    }
    if (listening.isEmpty()) {
      return done("accept4", fd, -Errno.EAGAIN);
    }
    if (fault(faults.againTooEarly())) {
      agenda.after(network.delay(), () -> listening.wake(Epoll.EPOLLIN));
      return done("accept4", fd, -Errno.EAGAIN);
    }
    if (fault(faults.noMemory())) {
      return done("accept4", fd, chance.percent(50) ? -Errno.ENOBUFS : -Errno.ENOMEM);
    }
    TcpEnd accepted = listening.accept();
    if (accepted == null) {
      throw new AssertionError("the queue was not empty");
    }
    progress++;
    if (fault(faults.aborted())) {
      accepted.breakDown();
      return done("accept4", fd, -Errno.ECONNABORTED);
    }
    if (peer != null) {
      peer.set(new InetSocketAddress(LOOPBACK, accepted.remotePort));
    }
    return done("accept4", fd, open(accepted));
  }

  @Override
  public int connect(int fd, SockAddr remote) {
    enter();
    if (!(descriptors.at(fd) instanceof TcpEnd end)) {
      return done("connect", fd, descriptors.notASocket(fd));
    }
    if (fault(faults.interrupted()) && end.state != TcpEnd.State.FRESH) {
      return done("connect", fd, -Errno.EINTR);
    }
    int result =
        end.state == TcpEnd.State.FRESH ? network.connect(end, remote.port()) : end.connectAgain();
    if (result != -Errno.EALREADY) {
      progress++;
    }
    return done("connect", fd, result);
  }

  @Override
  public int getsockname(int fd, SockAddr address) {
    enter();
    return switch (descriptors.at(fd)) {
      case TcpEnd end -> named(address, end.localPort);
      case ListeningFile listening -> named(address, listening.port());
      case null, default -> descriptors.notASocket(fd);
    };
  }

  @Override
  public int getpeername(int fd, SockAddr address) {
    enter();
    return descriptors.at(fd) instanceof TcpEnd end
        ? named(address, end.remotePort)
        : descriptors.notASocket(fd);
  }

  private static int named(SockAddr address, int port) {
    address.set(new InetSocketAddress(LOOPBACK, port));
    return 0;
  }

  @Override
  public int recv(int fd, MemorySegment buffer, int flags) {
    enter();
    if (!(descriptors.at(fd) instanceof TcpEnd end)) {
      return done("recv", fd, descriptors.notASocket(fd));
    }
    if (fault(faults.interrupted())) {
      return done("recv", fd, -Errno.EINTR);
    }
    if (fault(faults.broken()) && end.state == TcpEnd.State.ESTABLISHED) {
      end.breakDown();
    }
    if (end.isReadable() && fault(faults.againTooEarly())) {
      agenda.after(network.delay(), () -> end.wake(Epoll.EPOLLIN));
      return done("recv", fd, -Errno.EAGAIN);
    }
    int most = (int) buffer.byteSize();
    if (fault(faults.shortened())) {
      most = chance.between(1, most);
    }
    int result = end.receive(buffer, most);
    if (result != -Errno.EAGAIN) {
      progress++;
      bytesReceived += Math.max(0, result);
    }
    return done("recv", fd, result);
  }

  @Override
  public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
    enter();
    if (!(descriptors.at(fd) instanceof TcpEnd end)) {
      return done("send", fd, descriptors.notASocket(fd));
    }
    int room = roomToSend(end, length);
    if (room > 0) {
      end.send(buffer, offset, room);
    }
    return done("send", fd, room);
  }

  @Override
  public int sendmsg(int fd, IoVector pieces, int flags) {
    enter();
    if (!(descriptors.at(fd) instanceof TcpEnd end)) {
      return done("sendmsg", fd, descriptors.notASocket(fd));
    }
    int room = roomToSend(end, pieces.totalBytes());
    int left = room;
    for (int i = 0; i < pieces.count() && left > 0; i++) {
      MemorySegment piece = pieces.piece(i);
      int part = (int) Math.min(left, piece.byteSize());
      end.send(piece, 0, part);
      left -= part;
    }
    return done("sendmsg", fd, room);
  }

  private int roomToSend(TcpEnd end, long length) {
    if (fault(faults.interrupted())) {
      return -Errno.EINTR;
    }
    if (fault(faults.noMemory())) {
      end.broken = true;
      return -Errno.ENOBUFS;
    }
    if (fault(faults.broken()) && end.state == TcpEnd.State.ESTABLISHED) {
      end.breakDown();
      if (chance.percent(50)) {
        // Somebody else has taken the error: what is left is EPIPE.
        end.takeError();
      }
    }
    int room = end.sendRoom();
    if (room <= 0) {
      progress += room == -Errno.EAGAIN ? 0 : 1;
      return room;
    }
    if (fault(faults.againTooEarly())) {
      agenda.after(network.delay(), () -> end.wake(Epoll.EPOLLOUT));
      return -Errno.EAGAIN;
    }
    progress++;
    if (fault(faults.shortened())) {
      room = chance.between(1, room);
    }
    if (room < length) {
      end.cutShort();
    }
    return (int) Math.min(room, length);
  }

  @Override
  public int shutdown(int fd, int how) {
    enter();
    if (!(descriptors.at(fd) instanceof TcpEnd end)) {
      return done("shutdown", fd, descriptors.notASocket(fd));
    }
    if (how != Socket.SHUT_WR) {
      throw new UnsupportedOperationException("no loop shuts its input down");
    }
    progress++;
    return done("shutdown", fd, end.shutdownOutput());
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    enter();
    return descriptors.at(fd) == null ? -Errno.EBADF : 0;
  }

  @Override
  public int setsockopt(int fd, int level, int option, MemorySegment value) {
    enter();
    if (!(descriptors.at(fd) instanceof TcpEnd end)) {
      return descriptors.notASocket(fd);
    }
    if (level == Socket.SOL_SOCKET && option == Socket.SO_LINGER) {
      end.resetOnClose = value.get(JAVA_INT, 0) != 0 && value.get(JAVA_INT, Integer.BYTES) == 0;
    }
    return 0;
  }

  @Override
  public int getsockopt(int fd, int level, int option) {
    enter();
    return option == Socket.SO_ERROR && descriptors.at(fd) instanceof TcpEnd end
        ? -end.takeError()
        : -Errno.ENOPROTOOPT;
  }

  @Override
  public int getsockopt(int fd, int level, int option, MemorySegment value) {
    enter();
    return -Errno.ENOPROTOOPT;
  }

  // Any descriptor

  @Override
  public int close(int fd) {
    enter();
    int result = descriptors.close(fd);
    progress++;
    return done("close", fd, result);
  }

  @Override
  public int fcntl(int fd, int command, int argument) {
    enter();
    return descriptors.at(fd) == null ? -Errno.EBADF : -Errno.EINVAL;
  }

  @Override
  public int eventfd(int initialValue, int flags) {
    enter();
    return done("eventfd", -1, open(new EventFile(initialValue)));
  }

  @Override
  public int read(int fd, MemorySegment buffer) {
    enter();
    if (!(descriptors.at(fd) instanceof EventFile event)) {
      return done("read", fd, descriptors.at(fd) == null ? -Errno.EBADF : -Errno.EINVAL);
    }
    if (fault(faults.interrupted())) {
      return done("read", fd, -Errno.EINTR);
    }
    long value = event.take();
    if (value == 0) {
      return done("read", fd, -Errno.EAGAIN);
    }
    progress++;
    buffer.set(JAVA_LONG, 0, value);
    return done("read", fd, Long.BYTES);
  }

  @Override
  public int write(int fd, MemorySegment buffer, long offset, long length) {
    enter();
    if (!(descriptors.at(fd) instanceof EventFile event)) {
      return done("write", fd, descriptors.at(fd) == null ? -Errno.EBADF : -Errno.EINVAL);
    }
    progress++;
    event.add(buffer.get(JAVA_LONG, offset));
    return done("write", fd, Long.BYTES);
  }

  @Override
  public int writev(int fd, IoVector pieces) {
    throw new UnsupportedOperationException("no loop calls writev");
  }

  @Override
  public int pipe2(int[] ends, int flags) {
    throw new UnsupportedOperationException("no loop calls pipe2");
  }

  @Override
  public int getrlimit(int resource, long[] limits) {
    limits[0] = resource == Rlimit.RLIMIT_NOFILE ? descriptors.limit() : Rlimit.INFINITY;
    limits[1] = limits[0];
    return 0;
  }

  // Waiting

  @Override
  public int select(
      int count,
      @Nullable FdSet read,
      @Nullable FdSet write,
      @Nullable FdSet except,
      long timeoutMicros) {
    if (read == null || write == null || except != null) {
      throw new UnsupportedOperationException("the loops have a read set and a write set");
    }
    long timeoutNanos = timeoutMicros < 0 ? -1 : timeoutMicros * 1_000;
    Scan scan = new Scan(descriptors, agenda);
    int found = waitFor("select", timeoutNanos, () -> scan.select(count, read, write), true);
    if (found == 0) {
      read.zero();
      write.zero();
    }
    return found;
  }

  @Override
  public int poll(PollFds fds, int count, int timeoutMillis) {
    Scan scan = new Scan(descriptors, agenda);
    return waitFor("poll", nanos(timeoutMillis), () -> scan.poll(fds, count), true);
  }

  @Override
  public int epollCreate1(int flags) {
    enter();
    return done("epoll_create1", -1, open(new EpollFile()));
  }

  @Override
  public int epollCtl(int epfd, int operation, int fd, int events, long data) {
    enter();
    if (!(descriptors.at(epfd) instanceof EpollFile epoll)) {
      return done("epoll_ctl", fd, descriptors.at(epfd) == null ? -Errno.EBADF : -Errno.EINVAL);
    }
    OpenFile file = descriptors.at(fd);
    if (operation == Epoll.EPOLL_CTL_ADD
        && file instanceof TcpEnd end
        && fault(faults.noMemory())) {
      end.broken = true;
      return done("epoll_ctl", fd, chance.percent(50) ? -Errno.ENOSPC : -Errno.ENOMEM);
    }
    return done("epoll_ctl", fd, epoll.control(operation, fd, file, events, data));
  }

  @Override
  public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
    if (!(descriptors.at(epfd) instanceof EpollFile epoll)) {
      return done("epoll_wait", epfd, descriptors.at(epfd) == null ? -Errno.EBADF : -Errno.EINVAL);
    }
    return waitFor(
        "epoll_wait", nanos(timeoutMillis), () -> epoll.collect(events, agenda.now()), false);
  }

  private static long nanos(int timeoutMillis) {
    return timeoutMillis < 0 ? -1 : timeoutMillis * 1_000_000L;
  }

  private int waitFor(String call, long timeoutNanos, IntSupplier scan, boolean allocates) {
    if (onlyLooks) {
      int found = scan.getAsInt();
      return found == 0 ? 0 : done(call, -1, found);
    }
    countSpins(call);
    enter();
    untilNanos = -1;
    if (fault(faults.interrupted())) {
      progress++;
      return done(call, -1, -Errno.EINTR);
    }
    if (allocates && fault(faults.noMemory())) {
      progress++;
      return done(call, -1, -Errno.ENOMEM);
    }
    if (fault(faults.spurious())) {
      progress++;
      pretend();
    }
    if (fault(faults.hidden())) {
      hide();
    }
    long deadline = timeoutNanos < 0 ? Long.MAX_VALUE : agenda.now() + timeoutNanos;
    while (true) {
      int found = scan.getAsInt();
      if (found != 0) {
        return done(call, -1, found);
      }
      long now = agenda.now();
      if (now >= deadline) {
        progress += timeoutNanos > 0 ? 1 : 0;
        return done(call, -1, 0);
      }
      if (parks) {
        progress++;
        untilNanos = deadline;
        return done(call + " waits", -1, 0);
      }
      long next = Math.min(agenda.next(), deadline);
      if (next == Long.MAX_VALUE) {
        return done(call, -1, -Errno.EINTR);
      }
      agenda.pass(Math.max(0, next - now));
    }
  }

  /// Waits that return at once, one after the other, without anything getting done.
  private void countSpins(String call) {
    long now = progress + agenda.happened();
    spins = now == progressAtLastWait ? spins + 1 : 0;
    progressAtLastWait = now;
    if (spins > SPINS) {
      throw new SimulationFailure(
          "the loop spins: " + call + " was called " + spins + " times and nothing got done");
    }
  }

  private void pretend() {
    if (descriptors.any(chance) instanceof TcpEnd end && end.state == TcpEnd.State.ESTABLISHED) {
      end.pretend(chance.percent(50) ? Epoll.EPOLLIN : Epoll.EPOLLIN | Epoll.EPOLLOUT);
    }
  }

  private void hide() {
    OpenFile file = descriptors.any(chance);
    if (file != null && !(file instanceof EpollFile)) {
      file.hide(agenda, chance.micros(2_000));
    }
  }
}
