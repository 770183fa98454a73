/// Pollux beside its peers: each server in a process of its own, measured in turns.
@NullMarked
package dev.pollux.bench;

import org.jspecify.annotations.NullMarked;
