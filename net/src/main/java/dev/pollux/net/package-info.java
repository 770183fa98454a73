/// The I/O models: bytes in, bytes out.
@NullMarked
package dev.pollux.net;

import org.jspecify.annotations.NullMarked;
