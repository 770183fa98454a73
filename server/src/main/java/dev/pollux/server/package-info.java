/// Listening, routes, limits, drain.
@NullMarked
package dev.pollux.server;

import org.jspecify.annotations.NullMarked;
