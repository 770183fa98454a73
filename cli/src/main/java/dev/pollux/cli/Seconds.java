package dev.pollux.cli;

import java.math.BigDecimal;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A time on the command line: seconds, with a fraction if need be.
final class Seconds implements ITypeConverter<Duration> {

  @Override
  public Duration convert(String text) {
    try {
      return Duration.ofNanos(new BigDecimal(text).movePointRight(9).longValueExact());
    } catch (ArithmeticException | NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not a number of seconds");
    }
  }

  /// `0.05`, `30`.
  static String text(Duration time) {
    return BigDecimal.valueOf(time.toNanos(), 9).stripTrailingZeros().toPlainString();
  }
}
