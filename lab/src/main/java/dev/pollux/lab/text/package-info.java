/// Figures of a report in a text that people write.
@NullMarked
package dev.pollux.lab.text;

import org.jspecify.annotations.NullMarked;
