/// What every event loop has, whatever it waits with: memory, the way in, batches, connections.
@NullMarked
package dev.pollux.net.internal.loop;

import org.jspecify.annotations.NullMarked;
