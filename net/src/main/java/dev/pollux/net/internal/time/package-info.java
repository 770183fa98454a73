/// Timers.
@NullMarked
package dev.pollux.net.internal.time;

import org.jspecify.annotations.NullMarked;
