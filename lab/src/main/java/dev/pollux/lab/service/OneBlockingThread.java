package dev.pollux.lab.service;

import dev.pollux.lab.machine.Eintr;
import dev.pollux.lab.worker.Arguments;
import dev.pollux.lab.worker.Job;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What one must not do: one thread for all clients, told by `poll` who is ready, and then calls
/// that block. It sends back raw bytes.
///
/// One order, `open`: answered with the port. It serves until its process ends.
public final class OneBlockingThread implements Job {
  private static final int MAX_CLIENTS = 64;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int BACKLOG = 64;

  @Override
  public @Nullable Serializable carryOut(String order, Arguments arguments) throws IOException {
    if (!order.equals("open")) {
      throw new IllegalArgumentException("one blocking thread has no order " + order);
    }
    Kernel kernel = new LinuxKernel(Arena.global());
    SockAddr address =
        SockAddr.of(Arena.global(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    int listening = check("socket", kernel.socket(address.family(), Socket.SOCK_STREAM, 0));
    check("bind", kernel.bind(listening, address));
    check("listen", kernel.listen(listening, BACKLOG));
    check("getsockname", kernel.getsockname(listening, address));
    int port = address.port();
    Thread.ofPlatform().daemon().name("one-thread").start(() -> serve(listening));
    return port;
  }

  private static int check(String call, int result) throws IOException {
    if (result < 0) {
      throw new IOException(call + ": " + Errno.describe(result));
    }
    return result;
  }

  private static void serve(int listening) {
    try (Arena arena = Arena.ofConfined()) {
      Kernel kernel = new LinuxKernel(arena);
      MemorySegment buffer = arena.allocate(BUFFER_BYTES);
      PollFds fds = PollFds.allocate(arena, MAX_CLIENTS + 1);
      fds.set(0, listening, PollFds.POLLIN);
      int count = 1;
      while (ready(kernel, fds, count)) {
        for (int i = count - 1; i > 0; i--) {
          if (fds.revents(i) != 0 && !echo(kernel, fds.fd(i), buffer)) {
            kernel.close(fds.fd(i));
            fds.copy(--count, i);
          }
        }
        if (fds.revents(0) != 0 && count <= MAX_CLIENTS) {
          int client = kernel.accept4(listening, null, Socket.SOCK_CLOEXEC);
          if (client >= 0) {
            fds.set(count++, client, PollFds.POLLIN);
          }
        }
      }
    }
  }

  private static boolean ready(Kernel kernel, PollFds fds, int count) {
    return Eintr.retried(() -> kernel.poll(fds, count, -1)) >= 0;
  }

  /// False if the client has gone.
  private static boolean echo(Kernel kernel, int fd, MemorySegment buffer) {
    int received = Eintr.retried(() -> kernel.recv(fd, buffer, 0));
    int sent = 0;
    while (sent < received) {
      // Here the thread stays if this client does not read, and with it everybody.
      int now = kernel.send(fd, buffer, sent, received - sent, Socket.MSG_NOSIGNAL);
      if (now == -Errno.EINTR) {
        continue;
      }
      if (now < 0) {
        return false;
      }
      sent += now;
    }
    return received > 0;
  }
}
