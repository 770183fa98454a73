package dev.pollux.lab.load;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.pollux.client.ClientRequest;
import dev.pollux.client.PolluxClient;
import dev.pollux.lab.load.LoadException.Reason;
import dev.pollux.lab.load.LoadProgress.Stage;
import dev.pollux.websocket.Compression;
import dev.pollux.websocket.DeflateParameters;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Opens the connections of a load, a few dozen at a time; the first that fails ends the load.
final class Opening {
  private static final int AT_A_TIME = 64;
  private static final int OTHER_DESCRIPTORS = 64;

  /// An address has about 28,000 ports (`net.ipv4.ip_local_port_range`), some of them in use.
  private static final int CONNECTIONS_PER_SOURCE = 20_000;

  private final LoadPlan plan;
  private final LoadRun run;
  private final PolluxClient client;
  private final Look look;
  private final Semaphore free = new Semaphore(AT_A_TIME);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /// Told of the progress from time to time.
  @FunctionalInterface
  interface Look {
    void at(Stage stage, double done) throws LoadException;
  }

  Opening(LoadPlan plan, LoadRun run, PolluxClient client, Look look) {
    this.plan = plan;
    this.run = run;
    this.client = client;
    this.look = look;
  }

  /// @throws LoadException if this process may not have that many descriptors
  static void checkDescriptors(int connections) throws LoadException {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      long most = unix.getMaxFileDescriptorCount();
      if (connections + OTHER_DESCRIPTORS > most) {
        throw new LoadException(
            Reason.UNAVAILABLE,
            connections
                + " connections need as many descriptors, and this process may have "
                + most
                + ": raise ulimit -n, or start several loads");
      }
    }
  }

  void openAll(List<LoadConnection> connections) throws LoadException, InterruptedException {
    ClientRequest request = resolved(plan.uri());
    String publishUri = plan.publishUri();
    ClientRequest publisher = publishUri == null ? request : resolved(publishUri);
    List<InetAddress> sources = sources(request, connections.size());
    long begin = System.nanoTime();
    long ramp = TimeUnit.MILLISECONDS.toNanos(plan.rampMillis());
    for (int i = 0; i < connections.size(); i++) {
      double done = (double) i / connections.size();
      await(begin + (long) (ramp * done), done);
      LoadConnection next = connections.get(i);
      ClientRequest to =
          switch (next) {
            case PublisherConnection _ -> publisher;
            case SubscriberConnection subscriber when !subscriber.query().isEmpty() ->
                resolved(plan.uri() + subscriber.query());
            default -> request;
          };
      ClientRequest from =
          to.withLocalAddress(sources.isEmpty() ? null : sources.get(i % sources.size()));
      CompletableFuture<LoadConnection> opening =
          plan.compressed()
              ? client.upgradeCompressed(
                  from, (connection, subprotocol, agreed) -> compressed(next, agreed))
              : client.upgrade(from, (connection, subprotocol) -> next);
      int number = i + 1;
      var _ = opening.whenComplete((opened, failed) -> opened(number, failed));
    }
    while (!free.tryAcquire(AT_A_TIME, 100, TimeUnit.MILLISECONDS)) {
      look(1);
    }
    look(1);
  }

  private LoadConnection compressed(LoadConnection next, @Nullable DeflateParameters agreed) {
    if (agreed == null) {
      refuse("the server does not compress: it did not agree to permessage-deflate");
    } else if (agreed.clientMaxWindowBits() < Compression.MAX_WINDOW_BITS
        && plan.payloadBytes() >> agreed.clientMaxWindowBits() > 0) {
      refuse(
          "the server wants messages compressed with a window of 2^"
              + agreed.clientMaxWindowBits()
              + " bytes, which this load can do for shorter messages only");
    } else {
      next.inflate(agreed);
    }
    return next;
  }

  private void refuse(String why) {
    failure.compareAndSet(null, new LoadException(Reason.NOT_CONNECTED, plan.uri() + ": " + why));
  }

  private void opened(int number, @Nullable Throwable failed) {
    if (failed != null) {
      String message =
          "connection %,d of %,d could not be opened (%,d are open): %s"
              .formatted(number, plan.openedConnections(), run.open.get(), failed.getMessage());
      failure.compareAndSet(null, new LoadException(Reason.NOT_CONNECTED, message));
    }
    free.release();
  }

  /// Waits for the time and for a free place.
  private void await(long dueNanos, double done) throws LoadException, InterruptedException {
    for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
      look(done);
      TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
    }
    while (!free.tryAcquire(100, TimeUnit.MILLISECONDS)) {
      look(done);
    }
    if (failure.get() != null) {
      look(done);
    }
  }

  private void look(double done) throws LoadException {
    if (failure.get() instanceof LoadException failed) {
      throw failed;
    }
    look.at(Stage.OPENING, done);
  }

  /// The name is looked up once, not for each connection.
  private static ClientRequest resolved(String uri) throws LoadException {
    ClientRequest request = ClientRequest.to(uri);
    URI parsed = request.uri();
    String host = parsed.getHost().replaceAll("[\\[\\]]", "");
    try {
      InetAddress address = InetAddress.getByName(host);
      return request.withRemoteAddress(new InetSocketAddress(address, request.port()));
    } catch (UnknownHostException e) {
      throw new LoadException(Reason.NOT_CONNECTED, uri + ": unknown host '" + host + "'");
    }
  }

  private List<InetAddress> sources(ClientRequest request, int connections) throws LoadException {
    List<String> names = new ArrayList<>(plan.sources());
    InetSocketAddress remote = request.remoteAddress();
    if (names.isEmpty()
        && connections > CONNECTIONS_PER_SOURCE
        && remote != null
        && remote.getAddress().getHostAddress().startsWith("127.")) {
      for (int i = 0; i * CONNECTIONS_PER_SOURCE < connections; i++) {
        names.add("127.0.0." + (i + 1));
      }
    }
    List<InetAddress> addresses = new ArrayList<>();
    for (String name : names) {
      try {
        addresses.add(InetAddress.getByName(name));
      } catch (UnknownHostException e) {
        throw new LoadException(Reason.UNAVAILABLE, "no source address '" + name + "'");
      }
    }
    return addresses;
  }
}
