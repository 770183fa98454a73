/// Memory that is lent, and the output that lies in it.
@NullMarked
package dev.pollux.net.internal.memory;

import org.jspecify.annotations.NullMarked;
