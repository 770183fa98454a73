/// Loops that are told what is done: `io_uring`.
@NullMarked
package dev.pollux.net.internal.ring;

import org.jspecify.annotations.NullMarked;
