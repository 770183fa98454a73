package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 7692 §5.1, §7.1, §7.1.3.
class DeflateNegotiationTest {
  private static final int ZLIB = 9;
  private static final int JDK = 15;
  private static final CompressionOptions TAKEOVER =
      CompressionOptions.DEFAULT.withContextTakeover(true, true);

  private static List<Extension> parsed(String field) throws HttpException {
    return Extension.parse(HttpFields.NONE.with("Sec-WebSocket-Extensions", field));
  }

  private static String answer(String offers, CompressionOptions options, int leastWindowBits)
      throws HttpException {
    var accepted = DeflateNegotiation.accept(parsed(offers), options, leastWindowBits);
    return accepted == null ? "none" : accepted.answer().toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "permessage-deflate | permessage-deflate",
        "permessage-deflate; client_max_window_bits | permessage-deflate",
        "permessage-deflate; client_max_window_bits=15 | permessage-deflate",
        "permessage-deflate; client_max_window_bits=10 |"
            + " permessage-deflate; client_max_window_bits=10",
        "permessage-deflate; client_max_window_bits=8 |"
            + " permessage-deflate; client_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=15 |"
            + " permessage-deflate; server_max_window_bits=15",
        "permessage-deflate; server_max_window_bits=9 |"
            + " permessage-deflate; server_max_window_bits=9",
        "permessage-deflate; server_max_window_bits=\"12\" |"
            + " permessage-deflate; server_max_window_bits=12",
        "permessage-deflate; server_no_context_takeover |"
            + " permessage-deflate; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover |"
            + " permessage-deflate; client_no_context_takeover",
        "permessage-deflate ;client_max_window_bits=\"11\";server_no_context_takeover |"
            + " permessage-deflate; server_no_context_takeover; client_max_window_bits=11"
      })
  void anOfferIsGrantedAsItIs(String offer, String answer) throws Exception {
    assertEquals(answer, answer(offer, TAKEOVER, ZLIB));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x-webkit-deflate-frame",
        "PERMESSAGE-DEFLATE",
        "permessage-deflate; unknown",
        "permessage-deflate; Client_Max_Window_Bits",
        "permessage-deflate; server_no_context_takeover=true",
        "permessage-deflate; client_no_context_takeover=\"1\"",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits=1e1",
        "permessage-deflate; server_max_window_bits=-9",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=99999999999999999999",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=10; client_max_window_bits=10",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        // zlib's raw deflate has no such window.
        "permessage-deflate; server_max_window_bits=8"
      })
  void anOfferThatCannotBeKeptIsDeclined(String offer) throws Exception {
    assertEquals("none", answer(offer, TAKEOVER, ZLIB));
  }

  @Test
  void theFirstOfferThatCanBeKeptIsTaken() throws Exception {
    assertEquals(
        "permessage-deflate; server_max_window_bits=10",
        answer(
            "other; a=b, permessage-deflate; server_max_window_bits=8,"
                + " permessage-deflate; unknown=1,"
                + " permessage-deflate; server_max_window_bits=10, permessage-deflate",
            TAKEOVER,
            ZLIB));
  }

  @Test
  void whatTheServerWantsIsInTheAnswer() throws Exception {
    CompressionOptions options = CompressionOptions.DEFAULT.withMaxWindowBits(11, 12);
    assertEquals(
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
            + " server_max_window_bits=11; client_max_window_bits=12",
        answer("permessage-deflate; client_max_window_bits", options, ZLIB));
    // RFC 7692 §7.1.2.2: not without an offer of it.
    assertEquals(
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
            + " server_max_window_bits=10",
        answer("permessage-deflate; server_max_window_bits=10", options, ZLIB));
  }

  @Test
  void whatIsSaidIsKept() throws Exception {
    var accepted =
        DeflateNegotiation.accept(
            parsed(
                "permessage-deflate; client_max_window_bits=10; server_max_window_bits=12;"
                    + " client_no_context_takeover"),
            TAKEOVER,
            ZLIB);
    assertNotNull(accepted);
    assertEquals(new DeflateParameters(false, true, 12, 10), accepted.parameters());
  }

  @Test
  void withoutAChoiceOfWindowsALesserOneIsDeclined() throws Exception {
    assertEquals("none", answer("permessage-deflate; server_max_window_bits=14", TAKEOVER, JDK));
    assertEquals(
        "permessage-deflate; client_max_window_bits=9",
        answer("permessage-deflate; client_max_window_bits=9", TAKEOVER, JDK));
    assertEquals(
        "permessage-deflate",
        answer("permessage-deflate", TAKEOVER.withMaxWindowBits(10, 15), JDK));
  }

  @Test
  void aClientOffersWhatItWants() {
    assertEquals(
        "permessage-deflate; client_max_window_bits",
        DeflateNegotiation.offer(TAKEOVER, ZLIB).toString());
    assertEquals("permessage-deflate", DeflateNegotiation.offer(TAKEOVER, JDK).toString());
    assertEquals(
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
            + " server_max_window_bits=10; client_max_window_bits=11",
        DeflateNegotiation.offer(CompressionOptions.DEFAULT.withMaxWindowBits(10, 11), ZLIB)
            .toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "permessage-deflate | false false 15 15",
        "permessage-deflate; server_no_context_takeover | true false 15 15",
        "permessage-deflate; client_no_context_takeover; client_max_window_bits=9 |"
            + " false true 15 9",
        "permessage-deflate; server_max_window_bits=8; client_max_window_bits=8 |"
            + " false false 8 8"
      })
  void aClientKeepsToTheAnswer(String answer, String kept) throws Exception {
    var agreed = DeflateNegotiation.agreed(parsed(answer), TAKEOVER, ZLIB);
    assertNotNull(agreed);
    assertEquals(
        kept,
        "%s %s %d %d"
            .formatted(
                agreed.serverNoContextTakeover(),
                agreed.clientNoContextTakeover(),
                agreed.serverMaxWindowBits(),
                agreed.clientMaxWindowBits()));
  }

  @Test
  void aClientsHandshakeHasItsOffersAndReadsTheAnswer() throws Exception {
    Extension offer = DeflateNegotiation.offer(TAKEOVER, ZLIB);
    ClientHandshake handshake =
        new ClientHandshake(
            URI.create("ws://localhost/"),
            new byte[16],
            List.of(),
            HttpFields.NONE,
            List.of(offer));
    String request = new String(handshake.request(), StandardCharsets.ISO_8859_1);
    ServerHandshake server = ServerHandshake.accept(HttpWire.request(request), List.of());
    assertEquals(List.of(offer), server.offeredExtensions());
    var accepted = DeflateNegotiation.accept(server.offeredExtensions(), TAKEOVER, ZLIB);
    assertNotNull(accepted);
    HttpResponse response = server.response(List.of(accepted.answer()));
    assertNull(handshake.check(response));
    assertEquals(
        accepted.parameters(),
        DeflateNegotiation.agreed(handshake.extensions(response), TAKEOVER, ZLIB));
    assertEquals(List.of(), handshake.extensions(server.response()));
    HttpResponse bad =
        new HttpResponse(
            101,
            "Switching Protocols",
            response.fields().with("Sec-WebSocket-Extensions", "a=;"),
            new byte[0]);
    assertEquals(502, assertThrows(HttpException.class, () -> handshake.extensions(bad)).status());
  }

  @Test
  void noAnswerIsNoCompression() throws Exception {
    assertNull(DeflateNegotiation.agreed(List.of(), TAKEOVER, ZLIB));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other",
        "permessage-deflate, permessage-deflate",
        "permessage-deflate; unknown",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; server_no_context_takeover=1"
      })
  void aClientFailsAnAnswerThatIsNone(String answer) {
    var refused =
        assertThrows(
            HttpException.class, () -> DeflateNegotiation.agreed(parsed(answer), TAKEOVER, ZLIB));
    assertEquals(502, refused.status());
  }

  @Test
  void aClientFailsAnAnswerThatDoesNotKeepToTheOffer() {
    CompressionOptions asked = CompressionOptions.DEFAULT.withMaxWindowBits(10, 15);
    for (String answer :
        List.of(
            "permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=11")) {
      assertThrows(
          HttpException.class,
          () -> DeflateNegotiation.agreed(parsed(answer), asked, ZLIB),
          answer);
    }
    assertThrows(
        HttpException.class,
        () ->
            DeflateNegotiation.agreed(
                parsed("permessage-deflate; client_max_window_bits=10"), TAKEOVER, JDK));
  }
}
