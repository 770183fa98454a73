package dev.pollux.net.internal.ring;

import dev.pollux.net.internal.loop.DescriptorTable;
import dev.pollux.sys.IoUring;
import dev.pollux.sys.Ring;
import dev.pollux.sys.RingOperations;
import dev.pollux.sys.Socket;
import org.jspecify.annotations.Nullable;

/// The files of a ring's loop, descriptors or places in the ring's own table: who stands behind
/// each, and how they are closed. The loop's thread.
public final class UringFiles {
  private final UringLoop loop;
  private final Ring ring;
  private final DescriptorTable<UringTarget> targets = new DescriptorTable<>();

  /// Outgoing connections whose descriptors are moved into the ring's own table, by descriptor.
  private final DescriptorTable<UringConnecting> moving = new DescriptorTable<>();

  private int held;

  public UringFiles(UringLoop loop, Ring ring) {
    this.loop = loop;
    this.ring = ring;
  }

  public void register(int file, UringTarget target) {
    targets.register(file, target);
    held++;
  }

  /// Returns the tag of the move.
  public long registerMoving(int fd, UringConnecting connecting) {
    long tag = moving.register(fd, connecting);
    held++;
    return tag;
  }

  /// A descriptor is not moved any more.
  public void forgetMoving(int fd) {
    moving.remove(fd);
    held--;
  }

  public void replace(int file, UringTarget target) {
    targets.replace(file, target);
  }

  public @Nullable UringTarget at(int file) {
    return targets.at(file);
  }

  public @Nullable UringTarget find(long tag) {
    return targets.find(tag);
  }

  public @Nullable UringConnecting findMoving(long tag) {
    return moving.find(tag);
  }

  /// The tag of the present use of a file.
  public long tag(int file) {
    return targets.key(file);
  }

  /// How many there are.
  public int held() {
    return held;
  }

  /// The loop ends.
  public void endAll() {
    UringTarget.endAll(moving);
    UringTarget.endAll(targets);
  }

  /// A file is at an end, and nothing is under way on it.
  public void release(int file, boolean direct, boolean reset) {
    held--;
    targets.remove(file);
    if (reset) {
      loop.attempt(() -> setResetOnClose(file, direct));
    }
    if (direct) {
      closeDirect(file);
    } else {
      close(file);
    }
  }

  private void setResetOnClose(int file, boolean direct) {
    if (direct) {
      RingOperations.setsockoptDirect(
          ring,
          file,
          IoUring.IOSQE_IO_LINK | IoUring.IOSQE_CQE_SKIP_SUCCESS,
          Socket.SOL_SOCKET,
          Socket.SO_LINGER,
          loop.resetOnClose(),
          UringLoop.NOBODYS_TAG);
    } else {
      loop.kernel().setsockopt(file, Socket.SOL_SOCKET, Socket.SO_LINGER, loop.resetOnClose());
    }
  }

  /// Has the ring close a descriptor.
  public void close(int fd) {
    loop.queueSurely(() -> RingOperations.close(ring, fd, UringLoop.NOBODYS_TAG));
  }

  /// Takes a file out of the ring's own table.
  public void closeDirect(int file) {
    loop.queueSurely(() -> RingOperations.closeDirect(ring, file, UringLoop.NOBODYS_TAG));
  }
}
