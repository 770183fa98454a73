package dev.pollux.bench.peer;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Set;

/// A reference line of our own: what the JDK gives without any library. A virtual thread per
/// connection, a blocking read, one write for all that a read brought. It checks nothing.
public final class VirtualThreadPeer {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  // Nobody else writes to who is in a room.
  private static final Rooms<Set<OutputStream>> ROOMS = Rooms.ofSets(VirtualThreadPeer::send);

  private VirtualThreadPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    ServerSocket listener = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(() -> accept(listener));
    PeerArguments.serveUntilInputEnds(listener.getLocalPort());
  }

  private static void accept(ServerSocket listener) {
    while (true) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  // readLine is for ASCII, which is what a request head is.
  @SuppressWarnings("deprecation")
  private static void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      String address = in.readLine().split(" ", 3)[1];
      out.write(answer(in).getBytes(StandardCharsets.US_ASCII));
      if (address.startsWith(Rooms.PATH)) {
        beInRoom(address, in, out);
      } else if (address.equals(Rooms.PUBLISH_PATH)) {
        takeOrders(in);
      } else {
        echo(in, out);
      }
    } catch (IOException e) {
      // The client is gone: so is its thread.
    }
  }

  // readLine is for ASCII, which is what a request head is.
  @SuppressWarnings("deprecation")
  private static String answer(DataInputStream in) throws IOException {
    String key = "";
    String line = in.readLine();
    while (line != null && !line.isEmpty()) {
      if (line.regionMatches(true, 0, "Sec-WebSocket-Key:", 0, 18)) {
        key = line.substring(18).strip();
      }
      line = in.readLine();
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: "
          + Base64.getEncoder().encodeToString(digest)
          + "\r\n\r\n";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Until the client says, or does, anything.
  private static void beInRoom(String address, DataInputStream in, OutputStream out)
      throws IOException {
    Set<OutputStream> room = ROOMS.room(address);
    room.add(out);
    try {
      int first = in.read();
      assert first >= -1;
    } finally {
      room.remove(out);
    }
  }

  /// Short frames and those of 16 bits of length.
  private static void takeOrders(DataInputStream in) throws IOException {
    while ((in.readByte() & 0x0f) == 2) {
      int small = in.readByte() & 0x7f;
      byte[] key = new byte[4];
      byte[] message = new byte[small < 126 ? small : in.readUnsignedShort()];
      in.readFully(key);
      in.readFully(message);
      for (int i = 0; i < message.length; i++) {
        message[i] ^= key[i & 3];
      }
      ROOMS.order(ByteBuffer.wrap(message));
    }
  }

  private static void send(OutputStream member, byte[] message) {
    boolean small = message.length < 126;
    ByteBuffer frame = ByteBuffer.allocate(message.length + (small ? 2 : 4)).put((byte) 0x82);
    if (small) {
      frame.put((byte) message.length);
    } else {
      frame.put((byte) 126).putShort((short) message.length);
    }
    try {
      member.write(frame.put(message).array());
    } catch (IOException e) {
      // It is gone, and leaves its room.
    }
  }

  private static void echo(DataInputStream in, OutputStream out) throws IOException {
    byte[] input = new byte[BUFFER_BYTES];
    byte[] output = new byte[BUFFER_BYTES];
    int have = 0;
    int read = in.read(input, 0, input.length);
    while (read > 0) {
      have += read;
      int at = 0;
      int written = 0;
      int frame = frameBytes(input, at, have);
      while (frame > 0 && frame <= have - at) {
        written = answerFrame(input, at, frame, output, written);
        at += frame;
        frame = frameBytes(input, at, have);
      }
      out.write(output, 0, written);
      have -= at;
      System.arraycopy(input, at, input, 0, have);
      read = in.read(input, have, input.length - have);
    }
  }

  /// The length of the frame at `at` with its header, or -1 if that is not whole.
  private static int frameBytes(byte[] input, int at, int end) {
    if (end - at < 6) {
      return -1;
    }
    int length = input[at + 1] & 0x7f;
    if (length < 126) {
      return 6 + length;
    }
    return end - at < 8 ? -1 : 8 + (((input[at + 2] & 0xff) << 8) | (input[at + 3] & 0xff));
  }

  private static int answerFrame(byte[] input, int at, int frame, byte[] output, int written) {
    boolean small = (input[at + 1] & 0x7f) < 126;
    int key = small ? at + 2 : at + 4;
    int payload = key + 4;
    int length = at + frame - payload;
    int to = written;
    output[to++] = input[at];
    output[to++] = (byte) (input[at + 1] & 0x7f);
    if (!small) {
      output[to++] = input[at + 2];
      output[to++] = input[at + 3];
    }
    for (int i = 0; i < length; i++) {
      output[to + i] = (byte) (input[payload + i] ^ input[key + (i & 3)]);
    }
    return to + length;
  }
}
