/// Loops that are told what is ready: `nonblocking`, `select`, `poll`, `epoll`, `epoll-et` and,
/// over the JDK's selector, `nio`.
@NullMarked
package dev.pollux.net.internal.readiness;

import org.jspecify.annotations.NullMarked;
