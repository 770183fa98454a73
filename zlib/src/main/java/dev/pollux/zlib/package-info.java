/// Raw deflate by the system's zlib, called through `java.lang.foreign`; where there is none, by
/// `java.util.zip`.
///
/// [dev.pollux.zlib.Zlib] is where it begins. No class here logs.
@NullMarked
package dev.pollux.zlib;

import org.jspecify.annotations.NullMarked;
