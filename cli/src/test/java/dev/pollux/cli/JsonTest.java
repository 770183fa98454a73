package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class JsonTest {

  @Test
  void objectsArraysAndValuesAreSeparatedAndClosed() {
    String json =
        new Json()
            .object()
            .member("a", "x")
            .array("b")
            .object()
            .member("c", 1L)
            .end()
            .object()
            .end()
            .end()
            .object("d")
            .member("e", true)
            .end()
            .end()
            .toString();
    assertEquals("{\"a\":\"x\",\"b\":[{\"c\":1},{}],\"d\":{\"e\":true}}", json);
  }

  @Test
  void aCommaAtTheEndOfAStringIsNoSeparator() {
    String json = new Json().object().member("a", "[").member("b", ",").end().toString();
    assertEquals(Map.of("a", "[", "b", ","), JsonReader.object(json));
  }

  @Test
  void whatMustBeEscapedIsAndNothingElse() {
    String value = "\"quoted\" \\ / \n\t\u0000\u001f é 🌍 \u2028";
    String json = new Json().object().member("\"", value).end().toString();
    assertEquals(Map.of("\"", value), JsonReader.object(json));
    assertEquals(-1, json.indexOf('\n'));
  }

  @Test
  void numbersHaveAtMostThreeDecimals() {
    assertEquals("{\"n\":0.333}", number(1 / 3.0));
    assertEquals("{\"n\":-2}", number(-2.0004));
    assertEquals("{\"n\":123456789.125}", number(123456789.125));
    assertEquals("{\"n\":100000000000000000000}", number(1e20));
  }

  @Test
  void whatIsNoNumberIsNull() {
    assertEquals("{\"n\":null}", number(0 / 0.0));
    assertEquals("{\"n\":null}", number(1 / 0.0));
  }

  private static String number(double value) {
    return new Json().object().member("n", value).end().toString();
  }
}
