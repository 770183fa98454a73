/// What the experiments that need a whole WebSocket server have in common: the server in a process
/// of its own, a back-end that is slow, clients that ask, and a client that does not read.
@NullMarked
package dev.pollux.lab.service;

import org.jspecify.annotations.NullMarked;
