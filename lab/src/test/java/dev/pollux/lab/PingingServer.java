package dev.pollux.lab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.Opcode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A server that makes use of what RFC 6455 §5.4 allows: control frames before, between and inside
/// of messages, and messages in two frames. It is written with plain sockets, so that what it sends
/// is what stands here.
///
/// | path | what becomes of a message |
/// |---|---|
/// | `/echo` | it goes back |
/// | `/room` | it goes to all the others |
/// | `/closing` | the third is answered with half a message and a close frame with 1001 |
///
/// Every client gets a ping in one segment with the answer to its handshake, and around each
/// message of its own two pings, one with the largest payload, and a pong that nobody asked for.
public final class PingingServer implements AutoCloseable {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int MASK = 0x80;
  private static final byte[] LARGEST = new byte[125];

  private final ServerSocket listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  private final List<Client> clients = new CopyOnWriteArrayList<>();
  private final AtomicInteger pings = new AtomicInteger();
  private final AtomicInteger pongs = new AtomicInteger();
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  /// Listens on a port of loopback's.
  public PingingServer() throws IOException {
    for (int i = 0; i < LARGEST.length; i++) {
      LARGEST[i] = (byte) (i * 7 + 1);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /// Where it listens.
  public int port() {
    return listening.getLocalPort();
  }

  /// How many pings it has sent.
  public int pings() {
    return pings.get();
  }

  /// How many pongs came with the payload of a ping.
  public int pongs() {
    return pongs.get();
  }

  /// What clients have done that they must not.
  public List<String> complaints() {
    return complaints;
  }

  private void accept() {
    try {
      while (true) {
        Client client = new Client(listening.accept());
        Thread.ofVirtual().start(client::serve);
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private final class Client {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private String path = "";
    private boolean compressed;
    private int messages;
    private boolean closing;

    Client(Socket socket) throws IOException {
      this.socket = socket;
      socket.setTcpNoDelay(true);
      this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
      this.out = socket.getOutputStream();
    }

    void serve() {
      try (socket) {
        handshake();
        clients.add(this);
        while (frame()) {
          // The next one.
        }
      } catch (IOException e) {
        // The client has gone.
      } finally {
        clients.remove(this);
      }
    }

    private void handshake() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readUnsignedByte());
      }
      path = head.substring(4, head.indexOf(" HTTP"));
      String key = head.toString().replaceAll("(?si).*sec-websocket-key: *([^\r]*).*", "$1");
      compressed = head.indexOf("permessage-deflate") > 0;
      String answer =
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + (compressed
                  ? "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover;"
                      + " client_no_context_takeover\r\n"
                  : "")
              + "Sec-WebSocket-Accept: "
              + accept(key)
              + "\r\n\r\n";
      ByteArrayOutputStream first = new ByteArrayOutputStream();
      first.writeBytes(answer.getBytes(ISO_8859_1));
      addPing(first, new byte[] {'a', 't', ' ', 'o', 'n', 'c', 'e'});
      send(first);
    }

    private static String accept(String key) {
      try {
        byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(ISO_8859_1));
        return Base64.getEncoder().encodeToString(hash);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    /// Reads one frame and answers it; false if it was a close frame.
    private boolean frame() throws IOException {
      int first = in.readUnsignedByte();
      int second = in.readUnsignedByte();
      if ((second & MASK) == 0) {
        complaints.add("a frame is not masked");
      }
      int length =
          switch (second & 0x7f) {
            case 126 -> in.readUnsignedShort();
            case 127 -> (int) in.readLong();
            default -> second & 0x7f;
          };
      byte[] key = new byte[4];
      in.readFully(key);
      byte[] payload = new byte[length];
      in.readFully(payload);
      for (int i = 0; i < length; i++) {
        payload[i] ^= key[i & 3];
      }
      switch (first & 0x0f) {
        case Opcode.CLOSE -> {
          if (closing) {
            return false;
          }
          ByteArrayOutputStream close = new ByteArrayOutputStream();
          add(close, MASK | Opcode.CLOSE, payload, 0, length);
          send(close);
          return false;
        }
        case Opcode.PONG -> pong(payload);
        case Opcode.PING -> complaints.add("a ping that was not expected");
        default -> message(first, payload);
      }
      return true;
    }

    private void pong(byte[] payload) {
      boolean known =
          payload.length == 0
              || Arrays.equals(payload, LARGEST)
              || new String(payload, ISO_8859_1).equals("at once");
      if (known) {
        pongs.incrementAndGet();
      } else {
        complaints.add("a pong with another payload, of " + payload.length + " bytes");
      }
    }

    private void message(int first, byte[] payload) throws IOException {
      messages++;
      closing = path.equals("/closing") && messages >= 3;
      if (!path.equals("/room")) {
        deliver(first, payload);
        return;
      }
      for (Client each : clients) {
        if (each != this) {
          each.deliver(first, payload);
        }
      }
    }

    /// Two fragments of a message, with control frames around and between them.
    private void deliver(int first, byte[] payload) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      addPing(bytes, LARGEST);
      int half = payload.length / 2;
      add(bytes, first & ~MASK, payload, 0, half);
      addPing(bytes, new byte[0]);
      add(bytes, MASK | Opcode.PONG, new byte[] {'n', 'o'}, 0, 2);
      if (closing) {
        add(bytes, MASK | Opcode.CLOSE, new byte[] {CloseCode.GOING_AWAY >> 8, (byte) 1001}, 0, 2);
      } else {
        add(bytes, MASK | Opcode.CONTINUATION, payload, half, payload.length - half);
      }
      send(bytes);
    }

    private void addPing(ByteArrayOutputStream to, byte[] payload) {
      pings.incrementAndGet();
      add(to, MASK | Opcode.PING, payload, 0, payload.length);
    }

    private static void add(
        ByteArrayOutputStream to, int first, byte[] payload, int offset, int length) {
      to.write(first);
      if (length < 126) {
        to.write(length);
      } else {
        to.write(126);
        to.write(length >> 8);
        to.write(length);
      }
      to.write(payload, offset, length);
    }

    private synchronized void send(ByteArrayOutputStream bytes) throws IOException {
      out.write(bytes.toByteArray());
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Client each : clients) {
      each.socket.close();
    }
  }
}
