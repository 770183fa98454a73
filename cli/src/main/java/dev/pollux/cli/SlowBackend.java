package dev.pollux.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A back-end that takes its time: a line with a number of milliseconds is answered with `done`
/// after as many. It listens on loopback only, at a port that the kernel chooses.
///
/// It is here so that there is something slow to wait for, by plain blocking sockets of the JDK, as
/// the driver of a database does.
final class SlowBackend implements AutoCloseable {
  static final int MAX_DELAY_MILLIS = 10_000;
  private static final int MAX_LINE_BYTES = 8;
  private static final int BACKLOG = 1024;
  private static final int CONNECT_MILLIS = 2_000;
  private static final long BACK_OFF_NANOS = 10_000_000L;

  private final ServerSocket listening;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private SlowBackend(ServerSocket listening) {
    this.listening = listening;
  }

  static SlowBackend start() throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    SlowBackend backend = new SlowBackend(new ServerSocket(0, BACKLOG, loopback));
    Thread.ofPlatform().daemon().name("slow-back-end").start(backend::acceptUntilClosed);
    return backend;
  }

  /// Asks and waits for the answer: the calling thread is blocked in `connect` and `read`.
  ///
  /// @throws IOException if the back-end does not answer, for example because it was closed
  void request(int delayMillis) throws IOException {
    waiting.incrementAndGet();
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort()),
          CONNECT_MILLIS);
      socket.setSoTimeout(2 * MAX_DELAY_MILLIS);
      socket.getOutputStream().write((delayMillis + "\n").getBytes(StandardCharsets.US_ASCII));
      String answer = readLine(socket.getInputStream());
      if (!answer.equals("done")) {
        throw new IOException("the slow back-end answered '" + answer + "'");
      }
    } finally {
      waiting.decrementAndGet();
    }
  }

  /// Threads that are in [#request] now.
  int waiting() {
    return waiting.get();
  }

  /// Ends it; requests that are under way fail.
  @Override
  public void close() {
    closeQuietly(listening);
    open.forEach(SlowBackend::closeQuietly);
  }

  private void acceptUntilClosed() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        open.add(client);
        if (listening.isClosed()) {
          // It may have come too late for close() to see it.
          closeQuietly(client);
        }
        Thread.ofVirtual().name("slow-answer").start(() -> answer(client));
      } catch (IOException e) {
        // Closed, or out of descriptors: then trying again at once would only spin.
        LockSupport.parkNanos(BACK_OFF_NANOS);
      }
    }
  }

  private void answer(Socket client) {
    try (client) {
      client.setSoTimeout(CONNECT_MILLIS);
      int delayMillis = Integer.parseInt(readLine(client.getInputStream()));
      Thread.sleep(Math.clamp(delayMillis, 0, MAX_DELAY_MILLIS));
      client.getOutputStream().write("done\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException | NumberFormatException e) {
      // The client sees its connection end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next != '\n') {
      if (next < 0 || line.length() == MAX_LINE_BYTES) {
        throw new IOException("no line of at most " + MAX_LINE_BYTES + " bytes, but: " + line);
      }
      line.append((char) next);
      next = in.read();
    }
    return line.toString();
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      // Nothing is lost: there was nothing to be written.
    }
  }
}
