package dev.pollux.net.internal.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.Sockets;
import dev.pollux.sys.Errno;
import dev.pollux.sys.IoUring;
import dev.pollux.sys.RingOperations;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// An outgoing connection of a ring's loop on its way.
///
/// ```
///   opened --(direct: moved into the ring's own table)--> connecting --> a UringConnection
///     |                                                       |  time is over, the engine ends:
///     |  the engine ends: out of the table again              |  cancelled
///     +-------------------------------------------------------+--> failed
/// ```
public final class UringConnecting implements UringTarget {
  private final UringLoop loop;
  private final ConnectOptions options;
  private final Protocol protocol;

  /// A descriptor, or an index of the ring's own table.
  private int file;

  private boolean direct;

  /// Where the ring reads the descriptor that is to be moved, and writes the index.
  private @Nullable MemorySegment moving;

  /// The ring has the connect.
  private boolean underWay;

  private @Nullable String failure;

  private UringConnecting(UringLoop loop, int fd, ConnectOptions options, Protocol protocol) {
    this.loop = loop;
    this.file = fd;
    this.options = options;
    this.protocol = protocol;
  }

  /// Begins to connect; the loop's load has been raised for it.
  public static void begin(UringLoop loop, ConnectOptions options, Protocol protocol) {
    int fd;
    try {
      // It blocks, so that the ring waits for the outcome instead of saying EINPROGRESS.
      fd = Sockets.openFor(loop.kernel(), options, loop.options, 0);
    } catch (IOException e) {
      loop.load().decrementAndGet();
      loop.tellConnectFailed(protocol, e);
      return;
    }
    UringConnecting connecting = new UringConnecting(loop, fd, options, protocol);
    if (loop.direct()) {
      connecting.move();
    } else {
      connecting.connect();
    }
  }

  private void move() {
    MemorySegment descriptor = loop.buffers().borrow(Integer.BYTES);
    descriptor.set(JAVA_INT, 0, file);
    moving = descriptor;
    long tag = loop.files().registerMoving(file, this);
    try {
      RingOperations.moveFd(loop.ring(), descriptor, tag);
    } catch (Throwable t) {
      report(t);
      loop.files().forgetMoving(file);
      moved(descriptor);
      loop.load().decrementAndGet();
      tellFailed(t.toString());
    }
  }

  /// The descriptor, which was moved or is not going to be, is not needed any more.
  private void moved(MemorySegment descriptor) {
    loop.buffers().giveBack(descriptor);
    moving = null;
    loop.attempt(() -> loop.kernel().close(file));
  }

  /// The descriptor has a place in the ring's own table, or there is none.
  public void onMoved(int result) {
    MemorySegment descriptor = moving;
    if (descriptor == null) {
      return;
    }
    int index = descriptor.get(JAVA_INT, 0);
    moved(descriptor);
    if (result != 1 || failure != null) {
      if (result == 1) {
        loop.files().closeDirect(index);
      }
      loop.load().decrementAndGet();
      tellFailed(
          failure != null
              ? failure
              : "the ring's file table: "
                  + (result < 0 ? Errno.describe(result) : "no place for it"));
      return;
    }
    file = index;
    direct = true;
    connect();
  }

  private void connect() {
    loop.files().register(file, this);
    try {
      loop.setTimer(file, options.timeout().toNanos());
      loop.ring()
          .queueConnect(
              file,
              direct ? IoUring.IOSQE_FIXED_FILE : 0,
              loop.scratch(options.remote()),
              loop.files().tag(file));
      underWay = true;
    } catch (Throwable t) {
      fail(t);
    }
  }

  @Override
  public void onCompletion(int opcode, int result, int flags, int receivedOffset) {
    if (opcode != IoUring.IORING_OP_CONNECT) {
      return;
    }
    underWay = false;
    loop.cancelTimer(file);
    if (failure == null && result == 0) {
      loop.replace(
          file,
          new UringConnection(loop, file, direct, PeerAddress.of(options.remote()), protocol));
      return;
    }
    String why = failure != null ? failure : Errno.describe(result);
    loop.release(file, direct, false);
    tellFailed(why);
  }

  @Override
  public void onTimer() {
    fail(Sockets.noAnswer(options));
  }

  @Override
  public void endWithEngine() {
    fail("the engine has ended");
  }

  @Override
  public void fail(Throwable cause) {
    report(cause);
    fail("the event that tells of it failed: " + cause);
  }

  private void report(Throwable cause) {
    loop.owner()
        .reportFailure("connecting to " + Sockets.text(options.remote()) + " failed", cause);
  }

  /// The completion of the connect, which is cancelled, tells the protocol; or that of the move,
  /// which can't be cancelled and never takes long.
  private void fail(String why) {
    if (failure != null) {
      return;
    }
    failure = why;
    if (underWay) {
      loop.queueSurely(
          () -> RingOperations.cancelAll(loop.ring(), file, direct, UringLoop.NOBODYS_TAG));
    } else if (moving == null) {
      loop.release(file, direct, false);
      tellFailed(why);
    }
  }

  private void tellFailed(String why) {
    loop.tellConnectFailed(
        protocol, new IOException("connect " + Sockets.text(options.remote()) + ": " + why));
  }
}
