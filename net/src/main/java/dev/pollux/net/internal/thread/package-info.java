/// A thread for each connection: `blocking` and `virtual`.
@NullMarked
package dev.pollux.net.internal.thread;

import org.jspecify.annotations.NullMarked;
