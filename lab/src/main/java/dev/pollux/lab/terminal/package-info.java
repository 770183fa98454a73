/// What a person sees of the lab on a terminal.
@NullMarked
package dev.pollux.lab.terminal;

import org.jspecify.annotations.NullMarked;
