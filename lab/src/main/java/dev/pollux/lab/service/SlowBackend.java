package dev.pollux.lab.service;

import dev.pollux.lab.worker.Arguments;
import dev.pollux.lab.worker.Job;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A back-end that takes its time, in a process of its own: four bytes with a number of
/// milliseconds are sent back after as many.
///
/// One order, `open`: answered with the port.
public final class SlowBackend implements Job {
  private static final int MAX_DELAY_MILLIS = 10_000;
  private static final int BACKLOG = 1024;

  private @Nullable ServerSocket listening;

  @Override
  public @Nullable Serializable carryOut(String order, Arguments arguments) throws IOException {
    if (!order.equals("open")) {
      throw new IllegalArgumentException("a slow back-end has no order " + order);
    }
    // One at a time: whoever opens it again is done with the one before.
    close();
    ServerSocket opened = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    listening = opened;
    Thread.ofPlatform().daemon().name("slow-back-end").start(() -> acceptUntilClosed(opened));
    return opened.getLocalPort();
  }

  /// Asks and waits for the answer, by plain blocking sockets, as the driver of a database does:
  /// the calling thread sits in `read` as long as it takes.
  static void request(int port, int delayMillis) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      new DataOutputStream(socket.getOutputStream()).writeInt(delayMillis);
      int answer = new DataInputStream(socket.getInputStream()).readInt();
      if (answer != delayMillis) {
        throw new IOException("the slow back-end was asked " + delayMillis + " and said " + answer);
      }
    }
  }

  private static void acceptUntilClosed(ServerSocket listening) {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Thread.ofVirtual().start(() -> answer(client));
      } catch (IOException e) {
        // Closed, or out of descriptors: then trying again at once would only spin.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    }
  }

  private static void answer(Socket client) {
    try (client) {
      int delayMillis = new DataInputStream(client.getInputStream()).readInt();
      Thread.sleep(Math.clamp(delayMillis, 0, MAX_DELAY_MILLIS));
      new DataOutputStream(client.getOutputStream()).writeInt(delayMillis);
    } catch (IOException e) {
      // The one who asked has gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    if (listening != null) {
      listening.close();
    }
  }
}
