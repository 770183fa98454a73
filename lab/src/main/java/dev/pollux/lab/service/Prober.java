package dev.pollux.lab.service;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Ordinary clients, asked one after the other by one thread: a message to a client, wait for the
/// echo, check it, the next client.
public final class Prober implements AutoCloseable {
  private static final int PAYLOAD_BYTES = 64;
  private static final int MOST_ECHOES = 1 << 20;

  private final List<WireClient> clients = new ArrayList<>();
  private final int patienceMillis;
  private int sent;

  private Prober(Duration patience) {
    this.patienceMillis = (int) patience.toMillis();
  }

  /// WebSockets of that path.
  ///
  /// @param patience how long an echo is waited for before it counts as stalled
  public static Prober webSocket(int port, String target, int clients, Duration patience)
      throws IOException {
    Prober prober = new Prober(patience);
    for (int i = 0; i < clients; i++) {
      prober.add(WireClient.webSocket(port, target));
    }
    return prober;
  }

  /// Raw connections to a server that sends back bytes.
  ///
  /// @param patience how long an echo is waited for before it counts as stalled
  public static Prober raw(int port, int clients, Duration patience) throws IOException {
    Prober prober = new Prober(patience);
    for (int i = 0; i < clients; i++) {
      prober.add(WireClient.raw(port));
    }
    return prober;
  }

  private void add(WireClient client) throws IOException {
    clients.add(client);
    client.patience(patienceMillis);
  }

  /// Asks for that long, or until an echo does not come back.
  ///
  /// @throws IOException if another message comes back than was sent, or a connection ends
  public Latencies askFor(Duration time) throws IOException, InterruptedException {
    return ask(time.toNanos(), MOST_ECHOES);
  }

  /// Asks in several spans of time and returns the one in which most came back: what else runs on
  /// the machine disturbs the others more. Ends early with a span in which one did not come back.
  ///
  /// @throws IOException if another message comes back than was sent, or a connection ends
  public Latencies bestOf(int spans, Duration each) throws IOException, InterruptedException {
    Latencies best = askFor(each);
    for (int i = 1; i < spans && !best.stalled(); i++) {
      Latencies next = askFor(each);
      best = next.stalled() || next.perSecond() > best.perSecond() ? next : best;
    }
    return best;
  }

  /// Asks that often, or until an echo does not come back.
  ///
  /// @throws IOException if another message comes back than was sent, or a connection ends
  public Latencies ask(int times) throws IOException, InterruptedException {
    return ask(Long.MAX_VALUE, times);
  }

  private Latencies ask(long nanos, int times) throws IOException, InterruptedException {
    long[] took = new long[1024];
    int count = 0;
    long begin = System.nanoTime();
    while (count < times && System.nanoTime() - begin < nanos) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while clients were asked");
      }
      if (count == took.length) {
        took = Arrays.copyOf(took, 2 * count);
      }
      try {
        took[count] = echo(clients.get(sent % clients.size()));
        count++;
      } catch (SocketTimeoutException e) {
        return new Latencies(took, count, System.nanoTime() - begin, true);
      }
    }
    return new Latencies(took, count, System.nanoTime() - begin, false);
  }

  private long echo(WireClient client) throws IOException {
    byte[] payload = new byte[PAYLOAD_BYTES];
    Arrays.fill(payload, (byte) sent++);
    long begin = System.nanoTime();
    client.send(payload, false);
    byte[] back = client.receive(payload.length);
    long took = System.nanoTime() - begin;
    if (!Arrays.equals(payload, back)) {
      throw new IOException("an echo of 64 bytes came back as others");
    }
    return took;
  }

  @Override
  public void close() {
    for (WireClient client : clients) {
      try {
        client.close();
      } catch (IOException e) {
        // There was nothing to be written.
      }
    }
  }
}
