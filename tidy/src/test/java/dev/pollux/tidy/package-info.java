/// The rules of the house, each a test that names what to write instead, and each shown to fail on
/// a bad sample.
@NullMarked
package dev.pollux.tidy;

import org.jspecify.annotations.NullMarked;
