/// A kernel in memory, deterministic from a seed: sockets, far ends and time, on which the loops of
/// the readiness models are turned by the test's own thread.
@NullMarked
package dev.pollux.net.simulation;

import org.jspecify.annotations.NullMarked;
