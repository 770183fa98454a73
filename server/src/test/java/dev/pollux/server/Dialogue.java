package dev.pollux.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// One case of conformance: what a client sends, and which frames it must get, to the end of the
/// connection. Reasons of close frames are not compared.
///
/// @param hasEnd whether the client's last frame ends the connection; if not, a close with 1000 is
///   sent behind it and has to be answered
record Dialogue(String name, List<byte[]> frames, List<String> answers, boolean hasEnd) {
  private static final int MOST_SINGLE_BYTES = 200;

  static Dialogue of(String name) {
    return new Dialogue(name, new ArrayList<>(), new ArrayList<>(), false);
  }

  /// A frame with that first byte.
  Dialogue frame(int first, byte[] payload) {
    frames.add(RawClient.frame(first, payload));
    return this;
  }

  Dialogue frame(int first, String payload) {
    return frame(first, payload.getBytes(StandardCharsets.UTF_8));
  }

  Dialogue hex(int first, String payload) {
    return frame(first, HexFormat.of().parseHex(payload.replace(" ", "")));
  }

  Dialogue raw(String hex) {
    frames.add(HexFormat.of().parseHex(hex.replace(" ", "")));
    return this;
  }

  /// The next frame that the client must get.
  Dialogue gets(String answer) {
    answers.add(answer);
    return this;
  }

  /// The server closes with that code, and nothing else follows.
  Dialogue ends(int code) {
    answers.add("close " + code);
    return new Dialogue(name, frames, answers, true);
  }

  /// All at once, and, unless it is long, byte by byte.
  void hold(InetSocketAddress address, String target) throws IOException {
    byte[] all = bytes();
    hold(address, target, all, false);
    if (all.length <= MOST_SINGLE_BYTES) {
      hold(address, target, all, true);
    }
  }

  private byte[] bytes() {
    var all = new ByteArrayOutputStream();
    frames.forEach(all::writeBytes);
    if (!hasEnd) {
      all.writeBytes(RawClient.frame(0x88, new byte[] {0x03, (byte) 0xE8}));
    }
    return all.toByteArray();
  }

  private void hold(InetSocketAddress address, String target, byte[] all, boolean singly)
      throws IOException {
    List<String> expected = new ArrayList<>(answers);
    if (!hasEnd) {
      expected.add("close 1000");
    }
    expected.add("end");
    List<String> got = new ArrayList<>();
    try (var client = new RawClient(address, target)) {
      Thread writer = singly ? null : client.writeElsewhere(all);
      for (int i = 0; singly && i < all.length; i++) {
        client.write(new byte[] {all[i]});
      }
      String answer;
      do {
        answer = client.read();
        got.add(answer.startsWith("close ") ? answer.substring(0, 10) : answer);
      } while (!answer.equals("end") && got.size() < expected.size() + 10);
      if (writer != null) {
        writer.join();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (!expected.equals(got)) {
      throw new AssertionError(
          name + (singly ? ", byte by byte" : "") + ": expected " + expected + ", got " + got);
    }
  }
}
