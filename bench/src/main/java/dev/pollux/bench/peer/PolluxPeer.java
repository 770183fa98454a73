package dev.pollux.bench.peer;

import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.server.ServerBuilder;
import dev.pollux.session.Group;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.CompressionOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// Pollux with its defaults, every check on, on the I/O model that its word says.
public final class PolluxPeer {
  private PolluxPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    PeerArguments given = PeerArguments.of(arguments);
    CompletableFuture<PolluxServer> started = new CompletableFuture<>();
    Supplier<Group> groups = () -> started.join().newGroup();
    Rooms<Group> rooms = new Rooms<>(groups, Group::sendBinary);
    CompletableFuture<Group> subscribers = started.thenApply(PolluxServer::newGroup);
    ServerBuilder builder =
        Pollux.server()
            .io(IoModel.of(given.word()))
            .loops(1)
            .host(PeerArguments.HOST)
            .webSocket("/echo", new Echo())
            .webSocket("/fanout", new Fanout(subscribers::join))
            .webSocket(Rooms.PATH, new InRoom(rooms))
            .webSocket(Rooms.PUBLISH_PATH, new Publish(rooms));
    if (given.deflate()) {
      builder = builder.compression(CompressionOptions.DEFAULT);
    }
    Path keystore = given.keystore();
    if (keystore != null) {
      TlsIdentity identity = identity(PeerArguments.keys(keystore));
      builder = builder.tls(TlsOptions.of(() -> identity));
    }
    PolluxServer server = builder.start();
    started.complete(server);
    PeerArguments.serveUntilInputEnds(server.address().getPort());
  }

  private static TlsIdentity identity(KeyStore keys) throws GeneralSecurityException {
    String alias = keys.aliases().nextElement();
    PrivateKey key = (PrivateKey) keys.getKey(alias, PeerArguments.PASSWORD.toCharArray());
    return new TlsIdentity(
        key,
        Arrays.stream(keys.getCertificateChain(alias)).map(X509Certificate.class::cast).toList());
  }

  private static final class Echo implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      ws.send(message);
    }
  }

  /// Who is there gets what the others say.
  private record Fanout(Supplier<Group> subscribers) implements WebSocketHandler {
    @Override
    public void onOpen(WebSocket ws) {
      subscribers.get().join(ws);
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      subscribers.get().send(message, ws);
    }
  }

  private record InRoom(Rooms<Group> rooms) implements WebSocketHandler {
    @Override
    public void onOpen(WebSocket ws) {
      rooms.room(String.valueOf(ws.query())).join(ws);
    }
  }

  private record Publish(Rooms<Group> rooms) implements WebSocketHandler {
    @Override
    public void onBinary(WebSocket ws, ByteBuffer data) {
      rooms.order(data);
    }
  }
}
