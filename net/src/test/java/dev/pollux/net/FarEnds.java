package dev.pollux.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Many clients in a process of their own, so that their descriptors are not the server's: each
/// connects, and when all have, each sends a byte and checks its echo. Prints `held N`, then waits
/// for its standard input to end.
final class FarEnds {
  private static final int CONNECTIONS_PER_SOURCE = 2_000;

  private FarEnds() {}

  public static void main(String[] arguments) throws IOException {
    int port = Integer.parseInt(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    endIfForgotten();
    List<SocketChannel> channels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] source = {127, 0, 0, (byte) (2 + i / CONNECTIONS_PER_SOURCE)};
      SocketChannel channel = SocketChannel.open();
      channel.bind(new InetSocketAddress(InetAddress.getByAddress(source), 0));
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channels.add(channel);
    }
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    for (int i = 0; i < count; i++) {
      channels.get(i).write(ByteBuffer.wrap(bytes, i, 1));
    }
    ByteBuffer answer = ByteBuffer.allocate(2);
    for (int i = 0; i < count; i++) {
      answer.clear();
      if (channels.get(i).read(answer) != 1 || answer.get(0) != bytes[i]) {
        throw new IOException("connection " + i + " got another answer than its own");
      }
    }
    System.out.println("held " + channels.size());
    while (System.in.read() >= 0) {
      // The server's test ends our input when it has seen enough.
    }
  }

  private static void endIfForgotten() {
    CompletableFuture.delayedExecutor(120, TimeUnit.SECONDS)
        .execute(() -> Runtime.getRuntime().halt(3));
  }

  /// Starts this program in a JVM of its own.
  static Process start(int port, int count) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            FarEnds.class.getName(),
            Integer.toString(port),
            Integer.toString(count))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
