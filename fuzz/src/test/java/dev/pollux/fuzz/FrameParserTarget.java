package dev.pollux.fuzz;

import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.MessageAssembler;
import dev.pollux.websocket.StreamingAssembler;
import dev.pollux.websocket.WebSocketLimits;
import java.lang.foreign.Arena;
import java.util.List;

/// Frames: however the bytes are cut, the same messages come of them, whole or joined from parts;
/// nothing but a [dev.pollux.websocket.ProtocolViolation] is thrown, and no buffer is lost.
public final class FrameParserTarget {
  private static final WebSocketLimits LIMITS =
      WebSocketLimits.defaults()
          .withMaxFrameBytes(4096)
          .withMaxMessageBytes(8192)
          .withMaxFragments(64);

  private FrameParserTarget() {}

  public static void fuzzerTestOneInput(byte[] bytes) {
    var input = new Input(bytes);
    boolean masked = (input.next() & 1) == 0;
    int pieceBytes = 1 + input.next();
    int wholeUpToBytes = input.next();
    byte[] wire = input.rest();
    List<String> expected = whole(wire, masked, Math.max(1, wire.length));
    requireSame(expected, whole(wire, masked, pieceBytes), "in pieces of " + pieceBytes);
    requireSame(expected, whole(wire, masked, 1), "byte by byte");
    // In parts a message is bound by other limits.
    List<String> inParts = parts(wire, masked, pieceBytes, wholeUpToBytes);
    if (expected.stream().noneMatch(it -> it.matches("violation (MESSAGE|FRAGMENTS)_.*"))) {
      requireSame(expected, inParts, "in parts");
    }
  }

  private static List<String> whole(byte[] wire, boolean masked, int pieceBytes) {
    try (Arena arena = Arena.ofConfined()) {
      var reading = new Reading(arena);
      var assembler = new MessageAssembler(LIMITS, reading, reading);
      reading.parse(new FrameParser(masked, LIMITS), assembler, wire, pieceBytes);
      assembler.discard();
      reading.requireAllGivenBack();
      return reading.events;
    }
  }

  private static List<String> parts(
      byte[] wire, boolean masked, int pieceBytes, int wholeUpToBytes) {
    try (Arena arena = Arena.ofConfined()) {
      var reading = new Reading(arena);
      var assembler = new StreamingAssembler(LIMITS, reading, reading, wholeUpToBytes);
      reading.parse(new FrameParser(masked, LIMITS), assembler, wire, pieceBytes);
      assembler.discard();
      reading.requireAllGivenBack();
      return reading.events;
    }
  }

  static void requireSame(List<String> expected, List<String> got, String how) {
    if (!expected.equals(got)) {
      throw new IllegalStateException(how + ": " + got + " instead of " + expected);
    }
  }
}
