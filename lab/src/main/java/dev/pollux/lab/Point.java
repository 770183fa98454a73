package dev.pollux.lab;

/// One measured value.
///
/// @param x where it was measured
/// @param y what was measured there
public record Point(double x, double y) {}
