package dev.pollux.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/// How long a server takes from the start of its process to its first answer: the first byte of the
/// response that opens a WebSocket.
///
/// In turns like everything else, each start a new process. A JVM's heap is not touched beforehand
/// here, as it is for the other workloads.
final class StartTime {
  private static final int PATIENCE_MILLIS = 30_000;

  private final Path log;
  private final Consumer<String> progress;
  private final Findings findings;

  /// @param server its name
  /// @param medianMillis of its starts
  /// @param leastMillis the fastest
  /// @param greatestMillis the slowest
  /// @param starts how many there were
  record Start(
      String server, double medianMillis, double leastMillis, double greatestMillis, int starts) {

    static Start of(String server, List<Double> millis) {
      return new Start(
          server,
          Spread.medianOf(millis.stream().mapToDouble(Double::doubleValue).toArray()),
          Collections.min(millis),
          Collections.max(millis),
          millis.size());
    }
  }

  /// @param findings take what is measured
  StartTime(Path log, Consumer<String> progress, Findings findings) {
    this.log = log;
    this.progress = progress;
    this.findings = findings;
  }

  /// Starts each server so many times.
  ///
  /// @param rounds starts of each; one more before them, which does not count, fills the page cache
  void measure(List<Contestant> contestants, int rounds) throws IOException, InterruptedException {
    findings.begin(List.of("start"), rounds);
    List<Contestant> turn = new ArrayList<>(contestants);
    for (int round = 0; round <= rounds; round++) {
      for (Contestant contestant : turn) {
        progress.accept("start, round " + round + " of " + rounds + ": " + contestant.title());
        double taken = start(contestant);
        if (round > 0) {
          findings.addStart(contestant.name(), taken);
        }
      }
      if (round > 0) {
        findings.roundDone();
      }
      Collections.reverse(turn);
    }
  }

  private double start(Contestant contestant) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    try (ContestantProcess server = ContestantProcess.startAtOnce(contestant, log);
        Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      client.setSoTimeout(PATIENCE_MILLIS);
      client.getOutputStream().write(upgrade(server.port()));
      InputStream answer = client.getInputStream();
      if (answer.read() != 'H') {
        throw new IOException(contestant.title() + " did not answer the upgrade");
      }
      return (System.nanoTime() - begin) / 1e6;
    }
  }

  /// RFC 6455, section 1.2: the key is that of its example.
  private static byte[] upgrade(int port) {
    return ("GET /echo HTTP/1.1\r\nHost: 127.0.0.1:"
            + port
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        .getBytes(US_ASCII);
  }
}
