package dev.pollux.lab;

/// How much time an experiment takes.
public enum Effort {
  /// Just enough to see that the experiment works: for tests.
  TINY,
  /// About 90 seconds for the whole lab with all models. The JVM is not warmed up and has its first
  /// compiler only: the shapes are right, the values are too high.
  QUICK,
  /// About ten minutes for the whole lab with all models.
  FULL
}
