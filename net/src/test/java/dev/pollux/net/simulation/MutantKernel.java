package dev.pollux.net.simulation;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pollux.net.PassingKernel;
import dev.pollux.net.internal.Mutation;
import dev.pollux.sys.Kernel;
import java.lang.foreign.MemorySegment;

/// A kernel with a bug that was put in on purpose.
final class MutantKernel extends PassingKernel {
  private final Mutation mutation;
  private final Chance chance;

  MutantKernel(Kernel kernel, Mutation mutation, Chance chance) {
    super(kernel);
    this.mutation = mutation;
    this.chance = chance;
  }

  private boolean strikes(Mutation one) {
    return mutation == one && chance.percent(10);
  }

  @Override
  public int recv(int fd, MemorySegment buffer, int flags) {
    int received = super.recv(fd, buffer, flags);
    if (received > 1 && strikes(Mutation.SWALLOWS_A_BYTE)) {
      MemorySegment.copy(buffer, 1, buffer, 0, received - 1);
      return received - 1;
    }
    return received;
  }

  @Override
  public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
    if (length > 0 && strikes(Mutation.DOUBLES_A_BYTE)) {
      int sent = super.send(fd, buffer, offset, 1, flags);
      return sent < 1 ? sent : Math.max(0, super.send(fd, buffer, offset, 1, flags));
    }
    return super.send(fd, buffer, offset, length, flags);
  }

  @Override
  public int close(int fd) {
    return strikes(Mutation.LEAKS_A_DESCRIPTOR) ? 0 : super.close(fd);
  }

  @Override
  public int write(int fd, MemorySegment buffer, long offset, long length) {
    return mutation == Mutation.LOSES_A_WAKE_UP
        ? Math.toIntExact(JAVA_LONG.byteSize())
        : super.write(fd, buffer, offset, length);
  }
}
