package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Feeds HTTP heads to a parser in every cut, and tells what came of it.
final class HttpWire {
  private HttpWire() {}

  /// One of the two parsers.
  private interface Feed {
    int parse(MemorySegment buffer, int offset, int length) throws HttpException;
  }

  /// What became of a head: the exception, or how many bytes were left over.
  private record Outcome(@Nullable HttpException refused, int rest) {
    @Override
    public String toString() {
      return refused == null ? "rest " + rest : refused.status() + " " + refused.reason();
    }
  }

  static HttpRequest request(String text, WebSocketLimits limits) throws HttpException {
    byte[] input = text.getBytes(StandardCharsets.ISO_8859_1);
    Outcome expected = whole(new HttpRequestParser(limits)::parse, input);
    for (int cut = 1; cut < input.length; cut++) {
      int[] pieces = {cut, input.length - cut};
      Outcome inTwo = feed(new HttpRequestParser(limits)::parse, input, pieces);
      assertEquals(expected.toString(), inTwo.toString(), "cut at " + cut);
    }
    HttpRequestParser parser = new HttpRequestParser(limits);
    assertEquals(expected.toString(), feed(parser::parse, input, ones(input.length)).toString());
    if (expected.refused != null) {
      throw expected.refused;
    }
    return Objects.requireNonNull(parser.request(), "incomplete");
  }

  static HttpRequest request(String text) throws HttpException {
    return request(text, WebSocketLimits.DEFAULT);
  }

  static HttpResponse response(String text, WebSocketLimits limits) throws HttpException {
    byte[] input = text.getBytes(StandardCharsets.ISO_8859_1);
    Outcome expected = whole(new HttpResponseParser(limits)::parse, input);
    for (int cut = 1; cut < input.length; cut++) {
      int[] pieces = {cut, input.length - cut};
      Outcome inTwo = feed(new HttpResponseParser(limits)::parse, input, pieces);
      assertEquals(expected.toString(), inTwo.toString(), "cut at " + cut);
    }
    HttpResponseParser parser = new HttpResponseParser(limits);
    assertEquals(expected.toString(), feed(parser::parse, input, ones(input.length)).toString());
    if (expected.refused != null) {
      throw expected.refused;
    }
    return Objects.requireNonNull(parser.response(), "incomplete");
  }

  static HttpResponse response(String text) throws HttpException {
    return response(text, WebSocketLimits.DEFAULT);
  }

  private static int[] ones(int length) {
    int[] ones = new int[length];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static Outcome whole(Feed parser, byte[] input) {
    return feed(parser, input, new int[] {input.length});
  }

  private static Outcome feed(Feed parser, byte[] input, int[] pieces) {
    MemorySegment buffer = Arena.ofAuto().allocate(input.length + 1L);
    MemorySegment.copy(input, 0, buffer, ValueLayout.JAVA_BYTE, 1, input.length);
    int at = 0;
    int consumed = 0;
    for (int piece : pieces) {
      try {
        consumed += parser.parse(buffer, 1 + at, piece);
      } catch (HttpException e) {
        return new Outcome(e, 0);
      }
      at += piece;
    }
    return new Outcome(null, input.length - consumed);
  }
}
