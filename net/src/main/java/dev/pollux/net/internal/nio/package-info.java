/// The JDK's channels under the face of the kernel's calls, for machines where those can't be made.
@NullMarked
package dev.pollux.net.internal.nio;

import org.jspecify.annotations.NullMarked;
