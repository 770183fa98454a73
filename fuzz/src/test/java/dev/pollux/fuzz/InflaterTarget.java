package dev.pollux.fuzz;

import dev.pollux.websocket.Compression;
import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.MemoryAccount;
import dev.pollux.websocket.MessageAssembler;
import dev.pollux.websocket.PerMessageDeflate;
import dev.pollux.websocket.WebSocketLimits;
import dev.pollux.zlib.Zlib;
import java.lang.foreign.Arena;
import java.util.List;

/// Compressed messages: the same comes of them however they are cut, by the system's zlib and by
/// the JDK's, within the limit; no buffer and no stream is lost.
public final class InflaterTarget {
  private static final WebSocketLimits LIMITS =
      WebSocketLimits.defaults()
          .withMaxFrameBytes(4096)
          .withMaxMessageBytes(65_536)
          .withMaxFragments(64);

  private InflaterTarget() {}

  public static void fuzzerTestOneInput(byte[] bytes) {
    var input = new Input(bytes);
    int choice = input.next();
    var parameters = new DeflateParameters(true, (choice & 1) == 0, 15, 15);
    int pieceBytes = 1 + input.next();
    byte[] wire = input.rest();
    List<String> expected = read(Zlib.compression(), parameters, wire, Math.max(1, wire.length));
    FrameParserTarget.requireSame(
        expected, read(Zlib.compression(), parameters, wire, pieceBytes), "in pieces");
    List<String> byTheJdk = read(Zlib.ofTheJdk(), parameters, wire, pieceBytes);
    // The JDK's does not say where a block ends, and forgets its window behind a final one.
    if (!isViolation(expected) && !isViolation(byTheJdk)) {
      FrameParserTarget.requireSame(expected, byTheJdk, "by the JDK");
    }
  }

  private static boolean isViolation(List<String> events) {
    return !events.isEmpty() && events.getLast().equals("violation");
  }

  private static List<String> read(
      Compression compression, DeflateParameters parameters, byte[] wire, int pieceBytes) {
    long before = Zlib.streamsAlive();
    List<String> events;
    try (Arena arena = Arena.ofConfined();
        var streams =
            new DeflateStreams(compression, CompressionOptions.DEFAULT, MemoryAccount.UNLIMITED)) {
      var reading = new Reading(arena);
      var assembler = new MessageAssembler(LIMITS, reading, reading);
      var deflate = new PerMessageDeflate(streams, parameters, false, reading, assembler);
      var parser = new FrameParser(false, LIMITS);
      parser.allowRsv(PerMessageDeflate.RSV1);
      reading.parse(parser, deflate, wire, pieceBytes);
      deflate.discard();
      assembler.discard();
      reading.requireAllGivenBack();
      events = reading.events;
      // Of two rules that a message breaks, the cut decides which one is noticed first.
      events.replaceAll(event -> event.startsWith("violation") ? "violation" : event);
    }
    if (Zlib.streamsAlive() != before) {
      throw new IllegalStateException("a stream was not closed");
    }
    return events;
  }
}
