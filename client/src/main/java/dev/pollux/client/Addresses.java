package dev.pollux.client;

import dev.pollux.net.ConnectOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The addresses of one server, tried one after the other until one takes the connection. At most
/// one attempt is under way, so nothing is shared.
final class Addresses {
  private final ClientRequest request;
  private final ClientOptions options;
  private final Deque<InetAddress> left = new ArrayDeque<>();
  private @Nullable IOException failure;

  private Addresses(ClientRequest request, ClientOptions options, List<InetAddress> all) {
    this.request = request;
    this.options = options;
    left.addAll(all);
  }

  /// Finds the addresses of the request's host and hands them to `found`: at once if none has to be
  /// looked up, else on a thread that may block.
  ///
  /// @param failed told of whatever keeps that thread from it
  static void find(
      ClientRequest request,
      ClientOptions options,
      Consumer<Addresses> found,
      Consumer<? super Throwable> failed) {
    InetSocketAddress given = request.remoteAddress();
    if (given != null && !given.isUnresolved()) {
      found.accept(new Addresses(request, options, List.of(given.getAddress())));
      return;
    }
    String host = given == null ? request.host() : given.getHostString();
    InetAddress literal = literal(host);
    if (literal != null) {
      found.accept(new Addresses(request, options, List.of(literal)));
      return;
    }
    Thread.ofVirtual()
        .name("pollux-resolve")
        .start(() -> {
          try {
            found.accept(new Addresses(request, options, List.of(InetAddress.getAllByName(host))));
          } catch (UnknownHostException e) {
            failed.accept(new IOException(request + ": unknown host '" + host + "'", e));
          } catch (Throwable e) {
            failed.accept(e);
          }
        });
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException notALiteral) {
      return null;
    }
  }

  /// How to connect to the next address; null if there is none left.
  @Nullable ConnectOptions next() {
    InetAddress address = left.poll();
    if (address == null) {
      return null;
    }
    InetSocketAddress given = request.remoteAddress();
    int port = given == null ? request.port() : given.getPort();
    InetAddress local = request.localAddress();
    return ConnectOptions.to(new InetSocketAddress(address, port))
        .withTimeout(options.connectTimeout())
        .withLocal(local == null ? null : new InetSocketAddress(local, 0));
  }

  /// An address did not take the connection.
  void failed(IOException cause) {
    if (failure == null) {
      failure = cause;
    } else {
      failure.addSuppressed(cause);
    }
  }

  /// Why no address took it: the first one's reason, the others' suppressed in it.
  IOException failure() {
    return failure == null ? new IOException(request + ": no address") : failure;
  }
}
