package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.net.Protocol;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The half of a [ThreadConnection] that brings output to the kernel: by its worker, by threads of
/// other connections that have something for it, or by a temporary one.
abstract class QueuedConnection extends EngineConnection {
  final ThreadEngine engine;
  final OutputQueue output;
  final Waiting waiting;

  QueuedConnection(
      ThreadEngine engine, int fd, @Nullable PeerAddress peer, Protocol protocol, Waiting waiting) {
    super(fd, peer, protocol);
    this.engine = engine;
    this.waiting = waiting;
    this.output = new OutputQueue(fd, engine.buffers());
  }

  /// A writer has given up its role: 0 if the kernel took everything, or -errno.
  abstract void written(int result);

  final Waiting waiting() {
    return waiting;
  }

  /// The worker: sends everything, waiting while the client does not read.
  final void write(Desks.Seat seat) {
    while (output.enter()) {
      writeAsWriter(seat);
    }
  }

  /// Who has the writer's role: sends everything, and gives the role up.
  private void writeAsWriter(Desks.Seat seat) {
    int result;
    try {
      result = output.send(seat.desk(), waiting.sendFlags());
      while (result == -Errno.EAGAIN) {
        seat.leave();
        waiting.awaitWritable();
        result = output.send(seat.desk(), waiting.sendFlags());
      }
    } finally {
      output.leave();
    }
    written(result);
  }

  /// Another thread: sends what the kernel takes at once and leaves the rest to a temporary writer.
  final void writeWithoutWaiting() {
    try (Desks.Seat seat = engine.desks().seat()) {
      while (output.enter()) {
        int result = output.send(seat.desk(), Socket.MSG_DONTWAIT);
        if (result == -Errno.EAGAIN) {
          // The thread gets the writer's role; if none can be had, this client is served no more.
          if (!engine.connectionThreads().startWriter(this)) {
            output.leave();
            written(-Errno.ENOMEM);
          }
          return;
        }
        output.leave();
        written(result);
      }
    }
  }

  /// The temporary writer, which has the writer's role when it starts.
  final void writeAsTemporaryWriter() {
    try (Desks.Seat seat = engine.desks().seat()) {
      writeAsWriter(seat);
      write(seat);
    }
  }

  /// Any thread: offers the kernel once what is pending.
  final void sendWhatIsTakenAtOnce() {
    try (Desks.Seat seat = engine.desks().seat()) {
      output.sendWhatIsTakenAtOnce(seat.desk());
    }
  }

  @Override
  public final MemorySegment reserve(int length) {
    return output.reserve(length);
  }

  @Override
  public final int reservedOffset() {
    return output.reservedOffset();
  }

  @Override
  public final int pendingOutput() {
    return output.pendingBytes();
  }

  @Override
  public final BufferPool buffers() {
    return engine.buffers();
  }
}
