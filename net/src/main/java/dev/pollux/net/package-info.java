/// The I/O models behind one seam: bytes arrived, output drained, closed.
///
/// [dev.pollux.net.IoModel] is the user's word, [dev.pollux.net.Engine] runs it, and a
/// [dev.pollux.net.Protocol] is told what happens on a [dev.pollux.net.Connection].
@NullMarked
package dev.pollux.net;

import org.jspecify.annotations.NullMarked;
