/// The kernel's calls, one class per facility: the only native code.
@NullMarked
package dev.pollux.sys;

import org.jspecify.annotations.NullMarked;
