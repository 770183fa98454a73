/// Tests by topic of RFC 6455. Every input of the protocol is also fed cut in two at each place,
/// and byte by byte, and must come to the same.
@NullMarked
package dev.pollux.websocket;

import org.jspecify.annotations.NullMarked;
