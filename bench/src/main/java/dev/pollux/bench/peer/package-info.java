/// Echo servers on other people's libraries, used as their documentation shows, as short as
/// possible.
///
/// Each is a program: it prints `listening on port N` and serves `/echo` (what comes goes back) and
/// `/fanout` (what comes goes to all others there), and `/rooms` and `/publish`
/// ([dev.pollux.bench.peer.Rooms]) until its standard input ends.
@NullMarked
package dev.pollux.bench.peer;

import org.jspecify.annotations.NullMarked;
