/// A load generator for any WebSocket server, on Pollux's own engines: [dev.pollux.lab.load.Load]
/// carries out a [dev.pollux.lab.load.LoadPlan], checks every byte that comes back, and gives a
/// [dev.pollux.lab.load.LoadResult].
@NullMarked
package dev.pollux.lab.load;

import org.jspecify.annotations.NullMarked;
