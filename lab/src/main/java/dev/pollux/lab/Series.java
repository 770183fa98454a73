package dev.pollux.lab;

import java.util.List;
import java.util.OptionalDouble;

/// What was measured of one thing, in the order of x.
///
/// @param name what it was measured of; the word of an I/O model has that model's colour in every
///   plot
/// @param points in the order of x
public record Series(String name, List<Point> points) {

  public Series {
    points = List.copyOf(points);
  }

  /// The value at `x`, if it was measured there.
  public OptionalDouble at(double x) {
    return points.stream().filter(point -> point.x() == x).mapToDouble(Point::y).findFirst();
  }
}
