/// Coverage-guided fuzzing of what reads a stranger's bytes: a target is a class with a method
/// `fuzzerTestOneInput`, which throws when a property is broken.
@NullMarked
package dev.pollux.fuzz;

import org.jspecify.annotations.NullMarked;
