/// Processes of the lab's own: where an experiment could disturb another one, or where the far ends
/// need descriptors of their own.
@NullMarked
package dev.pollux.lab.worker;

import org.jspecify.annotations.NullMarked;
