package dev.pollux.bench.peer;

import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.server.ServerBuilder;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Pollux with its defaults, every check on, on the I/O model that its word says.
public final class PolluxPeer {
  private PolluxPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    PeerArguments given = PeerArguments.of(arguments);
    CompletableFuture<PolluxServer> started = new CompletableFuture<>();
    Rooms<Room> rooms = new Rooms<>(() -> new Room(started.join()), Room::publish);
    ServerBuilder builder =
        Pollux.server()
            .io(IoModel.of(given.word()))
            .loops(1)
            .host(PeerArguments.HOST)
            .webSocket("/echo", new Echo())
            .webSocket("/fanout", new Fanout(started))
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

  private record Fanout(CompletableFuture<PolluxServer> started) implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      started
          .join()
          .broadcast(message, other -> !other.equals(ws) && other.path().equals("/fanout"));
    }
  }

  /// What publishes to a room: by a broadcast, or, where that would ask all others in vain, one by
  /// one.
  private record Room(PolluxServer server, Set<WebSocket> members) {
    private static final int SMALL = 16;

    Room(PolluxServer server) {
      this(server, ConcurrentHashMap.newKeySet());
    }

    void publish(byte[] message) {
      if (members.size() > SMALL) {
        server.broadcastBinary(ByteBuffer.wrap(message), members::contains);
      } else {
        members.forEach(member -> member.sendBinary(message));
      }
    }
  }

  private record InRoom(Rooms<Room> rooms) implements WebSocketHandler {
    @Override
    public void onOpen(WebSocket ws) {
      room(ws).members.add(ws);
    }

    @Override
    public void onClose(WebSocket ws, int code, String reason) {
      room(ws).members.remove(ws);
    }

    private Room room(WebSocket ws) {
      return rooms.room(String.valueOf(ws.query()));
    }
  }

  private record Publish(Rooms<Room> rooms) implements WebSocketHandler {
    @Override
    public void onBinary(WebSocket ws, ByteBuffer data) {
      rooms.order(data);
    }
  }
}
