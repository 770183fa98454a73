/// What is measured on, and what the kernel tells of a process.
@NullMarked
package dev.pollux.lab.machine;

import org.jspecify.annotations.NullMarked;
