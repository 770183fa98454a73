package dev.pollux.net.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Protocol;
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
final class UringConnecting implements UringTarget {
  private final UringLoop loop;
  private final ConnectOptions options;
  private final Protocol protocol;

  /// A descriptor, or an index of the ring's own table.
  private int file;

  private boolean direct;

  /// Where the ring reads the descriptor that is to be moved, and writes the index.
  private @Nullable MemorySegment moving;

  private @Nullable String failure;

  private UringConnecting(UringLoop loop, int fd, ConnectOptions options, Protocol protocol) {
    this.loop = loop;
    this.file = fd;
    this.options = options;
    this.protocol = protocol;
  }

  /// Begins to connect; the loop's load has been raised for it.
  static void begin(UringLoop loop, ConnectOptions options, Protocol protocol) {
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
    RingOperations.moveFd(loop.ring(), descriptor, loop.registerMoving(file, this));
  }

  /// The descriptor has a place in the ring's own table, or there is none.
  void onMoved(int result) {
    MemorySegment descriptor = moving;
    if (descriptor == null) {
      return;
    }
    int index = descriptor.get(JAVA_INT, 0);
    loop.buffers().giveBack(descriptor);
    moving = null;
    loop.kernel().close(file);
    if (result != 1 || failure != null) {
      if (result == 1) {
        RingOperations.closeDirect(loop.ring(), index, UringLoop.NOBODYS_TAG);
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
    loop.register(file, this);
    loop.setTimer(file, options.timeout().toNanos());
    loop.ring()
        .queueConnect(
            file,
            direct ? IoUring.IOSQE_FIXED_FILE : 0,
            loop.scratch(options.remote()),
            loop.tag(file));
  }

  @Override
  public void onCompletion(int opcode, int result, int flags, int receivedOffset) {
    if (opcode != IoUring.IORING_OP_CONNECT) {
      return;
    }
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
    loop.owner()
        .reportFailure("connecting to " + Sockets.text(options.remote()) + " failed", cause);
    fail("the event that tells of it failed: " + cause);
  }

  /// The completion of the connect, which is cancelled, tells the protocol; or that of the move,
  /// which can't be cancelled and never takes long.
  private void fail(String why) {
    if (failure != null) {
      return;
    }
    failure = why;
    if (moving == null) {
      RingOperations.cancelAll(loop.ring(), file, direct, UringLoop.NOBODYS_TAG);
    }
  }

  private void tellFailed(String why) {
    loop.tellConnectFailed(
        protocol, new IOException("connect " + Sockets.text(options.remote()) + ": " + why));
  }
}
