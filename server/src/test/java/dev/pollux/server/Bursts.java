package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/// What [MemoryBurstTest] does to a server ([BurstServer]), and what it sees of it.
final class Bursts implements AutoCloseable {
  static final boolean FULL = "full".equals(System.getProperty("pollux.bursts"));
  private static final int HEAP_MIB = FULL ? 256 : 64;
  private static final int BUDGET_MIB = FULL ? 256 : 24;

  /// What the JVM itself takes while it is busy (threads, its compiler), beside a budget that is
  /// small. Of the large one the last tenth is more.
  private static final int JVM_MIB = FULL ? 0 : 32;

  private static final int BURSTS = FULL ? 3 : 2;
  private static final int MESSAGE_BYTES = 1_000_000;

  private final List<SocketChannel> peers = new ArrayList<>();
  private final Process server;
  private final InetSocketAddress plain;
  private final InetSocketAddress secured;
  private final long idleMib;

  /// Of so many parts of the counts each burst is one.
  private int parts = 200;

  Bursts(IoModel model) throws Exception {
    server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms" + HEAP_MIB + "m",
                "-Xmx" + HEAP_MIB + "m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                BurstServer.class.getName(),
                model.name(),
                Integer.toString(BUDGET_MIB))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out = server.inputReader(StandardCharsets.US_ASCII);
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the server did not start");
    }
    long[] ports = numbers(line);
    plain = new InetSocketAddress(InetAddress.getLoopbackAddress(), (int) ports[0]);
    secured = new InetSocketAddress(InetAddress.getLoopbackAddress(), (int) ports[1]);
    warmUp();
    // The heap is touched already: without it, as if it were not there yet.
    idleMib = residentMib() - HEAP_MIB;
    parts = FULL ? 1 : 25;
    System.out.printf(
        "%s: heap %d MiB, budget %d MiB, idle without the heap %d MiB%n",
        model.word(), HEAP_MIB, BUDGET_MIB, idleMib);
  }

  /// What is compiled and loaded is no memory that peers cause to be held.
  private void warmUp() throws Exception {
    all();
    leave();
    try (RawClient client = new RawClient(plain, "/echo")) {
      for (int i = 0; i < 2_000; i++) {
        client.sendText("warm " + i);
        client.read();
      }
    }
    Await.until("what was held is given back", () -> used() <= BUDGET_MIB * (1L << 20) / 2);
  }

  private long used() {
    return memory()[0];
  }

  private static long[] numbers(String line) {
    return Pattern.compile(" ").splitAsStream(line).mapToLong(Long::parseLong).toArray();
  }

  @Override
  public void close() throws IOException {
    leave();
    server.destroyForcibly();
  }

  private long residentMib() throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", Long.toString(server.pid()), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
      }
    }
    throw new AssertionError("the server has ended: " + server.exitValue());
  }

  /// Used bytes, and refused gathers, output, newcomers, allocations; as soon as there is memory
  /// for a newcomer.
  private long[] memory() {
    AtomicReference<long[]> told = new AtomicReference<>();
    Await.until(
        "a newcomer is served",
        () -> {
          try {
            told.set(memoryNow());
            return true;
          } catch (IOException e) {
            return false;
          }
        });
    return Objects.requireNonNull(told.get());
  }

  private long[] memoryNow() throws IOException {
    try (RawClient client = new RawClient(plain, 0)) {
      client.write(
          "GET /memory HTTP/1.1\r\nHost: test\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String page = client.readAll();
      if (!page.startsWith("HTTP/1.1 200 ")) {
        throw new IOException("no page, but: " + page);
      }
      return numbers(page.substring(page.indexOf("\r\n\r\n") + 4));
    }
  }

  // Peers

  private SocketChannel connect(InetSocketAddress to, int receiveBufferBytes) throws IOException {
    SocketChannel peer = SocketChannel.open();
    if (receiveBufferBytes > 0) {
      peer.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
    }
    peer.connect(to);
    peer.configureBlocking(false);
    peers.add(peer);
    return peer;
  }

  /// Writes all that the server takes of what each still has; whether there is more to come.
  private static boolean write(List<SocketChannel> to, List<ByteBuffer> what) {
    boolean more = false;
    for (int i = 0; i < to.size(); i++) {
      ByteBuffer rest = what.get(i);
      if (rest.hasRemaining()) {
        try {
          to.get(i).write(rest);
        } catch (IOException e) {
          // It was closed: with 1013, most likely.
          rest.position(rest.limit());
        }
        more |= rest.hasRemaining();
      }
    }
    return more;
  }

  /// Each writes `bytes`, as far as the server takes it in a while.
  private void writeAll(List<SocketChannel> to, byte[] bytes) {
    List<ByteBuffer> what = new ArrayList<>();
    to.forEach(peer -> what.add(ByteBuffer.wrap(bytes)));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (write(to, what) && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private List<SocketChannel> opened(int count, String path, int receiveBufferBytes)
      throws IOException {
    List<SocketChannel> opened = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SocketChannel peer = connect(plain, receiveBufferBytes);
      opened.add(peer);
      peer.write(ByteBuffer.wrap(RawClient.handshake(path)));
    }
    return opened;
  }

  private void unfinishedMessages() throws IOException {
    byte[] frame = RawClient.frame(0x82, new byte[MESSAGE_BYTES]);
    List<SocketChannel> senders = opened(5_000 / parts, "/echo", 0);
    writeAll(senders, Arrays.copyOf(frame, frame.length - 1000));
  }

  private void stalledReaders() throws IOException {
    opened(2_000 / parts, "/feed", 4096);
    try (RawClient publisher = new RawClient(plain, "/publish")) {
      // Until the first are beyond what the kernel takes, and far beyond that.
      int thousands = parts == 1 ? 100 : 1_500 / parts;
      for (int i = 0; i < thousands; i++) {
        publisher.sendText("1000");
        assertEquals("text done", publisher.read());
      }
    }
  }

  private void unfinishedHandshakes() throws Exception {
    byte[] head = RawClient.handshake("/echo");
    byte[] hello = clientHello();
    for (int i = 0; i < 10_000 / parts / 4; i++) {
      connect(plain, 0).write(ByteBuffer.wrap(head, 0, head.length / 2));
      // As much of a head as is taken, in one line.
      byte[] long1 = new byte[16_000];
      Arrays.fill(long1, (byte) 'a');
      System.arraycopy(head, 0, long1, 0, 60);
      connect(plain, 0).write(ByteBuffer.wrap(long1));
      connect(secured, 0).write(ByteBuffer.wrap(hello, 0, hello.length / 2));
      connect(secured, 0).write(ByteBuffer.wrap(hello));
    }
  }

  private static byte[] clientHello() throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
    engine.setUseClientMode(true);
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    return Arrays.copyOf(hello.array(), hello.position());
  }

  private void compressionBombs() throws IOException {
    try (DeflatedFrames deflated = new DeflatedFrames()) {
      // 20 MB in 20 kB, and one that is not complete.
      byte[] bomb = deflated.compressed(RawClient.frame(0x82, new byte[20_000_000]));
      String request = new String(RawClient.handshake("/echo"), StandardCharsets.US_ASCII);
      byte[] offer =
          request
              .replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(offer);
      all.writeBytes(bomb);
      byte[] part = Arrays.copyOf(all.toByteArray(), all.size() - bomb.length + 900);
      for (int i = 0; i < 500 / parts; i++) {
        connect(plain, 0).write(ByteBuffer.wrap(i % 2 == 0 ? all.toByteArray() : part));
      }
    }
  }

  private void leave() throws IOException {
    for (SocketChannel peer : peers) {
      peer.close();
    }
    peers.clear();
  }

  /// Who behaves, and what becomes of that.
  private final class Quiet implements Runnable {
    private final RawClient client;
    private final List<Long> nanos = new ArrayList<>(List.of(0L));
    private volatile boolean ends;
    private volatile String failure = "";
    private final Thread thread = new Thread(this);
    private volatile long mostMib;

    Quiet() throws IOException {
      client = new RawClient(plain, "/echo");
      thread.start();
    }

    @Override
    public void run() {
      try (client) {
        for (int i = 0; !ends; i++) {
          long begun = System.nanoTime();
          client.sendText("quiet " + i);
          String answer = client.read();
          if (!answer.equals("text quiet " + i)) {
            failure = answer;
            return;
          }
          nanos.add(System.nanoTime() - begun);
          mostMib = Math.max(mostMib, residentMib());
          LockSupport.parkNanos(5_000_000);
        }
      } catch (IOException | RuntimeException e) {
        failure = String.valueOf(e);
      }
    }

    /// What it has seen, as a row.
    String end() throws InterruptedException {
      ends = true;
      thread.join();
      assertEquals("", failure, "who behaves is served");
      nanos.sort(null);
      return "echo p50 %5.1f p99 %6.1f max %6.1f ms, most resident %4d MiB"
          .formatted(ms(50), ms(99), ms(100), mostMib);
    }

    private double ms(int percent) {
      return nanos.get((nanos.size() - 1) * percent / 100) / 1e6;
    }
  }

  /// What a burst does.
  private interface Burst {
    void begin() throws Exception;
  }

  /// The RSS of the server in MiB a moment after the burst is over and its peers have left.
  private long burst(String name, Burst burst) throws Exception {
    Quiet quiet = new Quiet();
    long begun = System.nanoTime();
    burst.begin();
    String figures = quiet.end();
    leave();
    long[] told = memory();
    Await.until("what was held is given back", () -> used() <= BUDGET_MIB * (1L << 20) / 2);
    LockSupport.parkNanos(500_000_000);
    long after = residentMib();
    System.out.printf(
        "  %-22s %5.1f s  %s, after it %4d MiB; refused so far: gathers %d, output %d,"
            + " newcomers %d, allocations %d%n",
        name,
        (System.nanoTime() - begun) / 1e9,
        figures,
        after,
        told[1],
        told[2],
        told[3],
        told[4]);
    long bound = idleMib + BUDGET_MIB + HEAP_MIB + JVM_MIB;
    assertTrue(quiet.mostMib <= bound, quiet.mostMib + " MiB were resident; at most " + bound);
    return after;
  }

  private void all() throws Exception {
    unfinishedMessages();
    stalledReaders();
    unfinishedHandshakes();
    compressionBombs();
  }

  /// Each alone, then all together again and again.
  void run() throws Exception {
    burst("unfinished messages", this::unfinishedMessages);
    burst("stalled readers", this::stalledReaders);
    burst("unfinished handshakes", this::unfinishedHandshakes);
    burst("compression bombs", this::compressionBombs);
    long first = burst("all, to begin with", this::all);
    for (int i = 1; i <= BURSTS; i++) {
      long after = burst("all, burst " + i, this::all);
      assertTrue(after <= first * 1.15, after + " MiB after burst " + i + ", " + first + " before");
    }
  }
}
