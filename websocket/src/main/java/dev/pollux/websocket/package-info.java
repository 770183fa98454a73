/// RFC 6455 without I/O.
@NullMarked
package dev.pollux.websocket;

import org.jspecify.annotations.NullMarked;
