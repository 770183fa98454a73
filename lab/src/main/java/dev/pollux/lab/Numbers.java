package dev.pollux.lab;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/// Numbers as a person reads them.
public final class Numbers {
  private Numbers() {}

  /// Three significant digits, with commas between thousands: `0.274`, `20.2`, `1,694`.
  public static String text(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    if (Math.abs(value) >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    BigDecimal rounded =
        BigDecimal.valueOf(value).round(new MathContext(3, RoundingMode.HALF_EVEN));
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  /// With its unit behind it, if it has one.
  public static String text(double value, String unit) {
    return unit.isEmpty() ? text(value) : text(value) + " " + unit;
  }

  /// Minutes and seconds: `1:05`.
  public static String clock(double seconds) {
    long whole = Math.round(seconds);
    return String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
  }
}
