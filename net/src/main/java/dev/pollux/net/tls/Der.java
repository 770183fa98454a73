package dev.pollux.net.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Writes and reads the part of DER (X.690) that certificates and private keys are made of. A value
/// is an array of its tag, length and content.
final class Der {
  static final int INTEGER = 0x02;
  static final int BIT_STRING = 0x03;
  static final int OCTET_STRING = 0x04;
  static final int OBJECT_IDENTIFIER = 0x06;
  static final int UTF8_STRING = 0x0C;
  static final int UTC_TIME = 0x17;
  static final int GENERALIZED_TIME = 0x18;
  static final int SEQUENCE = 0x30;
  static final int SET = 0x31;

  private static final DateTimeFormatter TWO_DIGIT_YEAR =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter FOUR_DIGIT_YEAR =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  /// RFC 5280 §4.1.2.5: dates from 2050 on have four digits.
  private static final Instant YEAR_2050 = Instant.parse("2050-01-01T00:00:00Z");

  private Der() {}

  static byte[] value(int tag, byte[]... contents) {
    int length = 0;
    for (byte[] content : contents) {
      length += content.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
    out.write(tag);
    writeLength(out, length);
    for (byte[] content : contents) {
      out.writeBytes(content);
    }
    return out.toByteArray();
  }

  static byte[] sequence(byte[]... elements) {
    return value(SEQUENCE, elements);
  }

  static byte[] integer(BigInteger number) {
    return value(INTEGER, number.toByteArray());
  }

  static byte[] integer(long number) {
    return integer(BigInteger.valueOf(number));
  }

  /// `2.5.4.3`
  static byte[] oid(String dotted) {
    long[] arcs = Arrays.stream(dotted.split("\\.", -1)).mapToLong(Long::parseLong).toArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeBase128(out, arcs[0] * 40 + arcs[1]);
    for (int i = 2; i < arcs.length; i++) {
      writeBase128(out, arcs[i]);
    }
    return value(OBJECT_IDENTIFIER, out.toByteArray());
  }

  /// A whole number of octets.
  static byte[] bitString(byte[] bits) {
    return value(BIT_STRING, new byte[] {0}, bits);
  }

  static byte[] octetString(byte[] octets) {
    return value(OCTET_STRING, octets);
  }

  static byte[] utf8String(String text) {
    return value(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] time(Instant instant) {
    boolean late = !instant.isBefore(YEAR_2050);
    String text = (late ? FOUR_DIGIT_YEAR : TWO_DIGIT_YEAR).format(instant);
    return value(late ? GENERALIZED_TIME : UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void writeLength(ByteArrayOutputStream out, int length) {
    if (length < 0x80) {
      out.write(length);
      return;
    }
    int octets = (32 - Integer.numberOfLeadingZeros(length) + 7) / 8;
    out.write(0x80 | octets);
    for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
      out.write(length >>> shift);
    }
  }

  private static void writeBase128(ByteArrayOutputStream out, long arc) {
    int septets = Math.max(1, (64 - Long.numberOfLeadingZeros(arc) + 6) / 7);
    for (int shift = (septets - 1) * 7; shift > 0; shift -= 7) {
      out.write(0x80 | (int) ((arc >>> shift) & 0x7F));
    }
    out.write((int) (arc & 0x7F));
  }

  /// The values that stand one after the other in the content of `value`.
  ///
  /// @throws IllegalArgumentException if that is not DER
  static List<byte[]> elements(byte[] value) {
    List<byte[]> found = new ArrayList<>();
    int at = contentOffset(value, 0);
    int end = endOf(value, 0);
    while (at < end) {
      int next = endOf(value, at);
      found.add(Arrays.copyOfRange(value, at, next));
      at = next;
    }
    return List.copyOf(found);
  }

  static int tag(byte[] value) {
    return value.length == 0 ? -1 : value[0] & 0xFF;
  }

  private static int contentOffset(byte[] bytes, int at) {
    if (at + 2 > bytes.length) {
      throw new IllegalArgumentException("the DER ends too early");
    }
    int first = bytes[at + 1] & 0xFF;
    return at + 2 + (first < 0x80 ? 0 : first - 0x80);
  }

  private static int endOf(byte[] bytes, int at) {
    int content = contentOffset(bytes, at);
    int first = bytes[at + 1] & 0xFF;
    long length = first;
    if (first >= 0x80) {
      if (first == 0x80 || first > 0x84 || content > bytes.length) {
        throw new IllegalArgumentException("not a length of DER: " + first);
      }
      length = 0;
      for (int i = at + 2; i < content; i++) {
        length = (length << 8) | (bytes[i] & 0xFF);
      }
    }
    if (length > bytes.length - content) {
      throw new IllegalArgumentException("the DER ends too early");
    }
    return content + (int) length;
  }
}
