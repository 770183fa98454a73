/// What to do about clients that can't be accepted, or not served.
@NullMarked
package dev.pollux.net.internal.accepting;

import org.jspecify.annotations.NullMarked;
