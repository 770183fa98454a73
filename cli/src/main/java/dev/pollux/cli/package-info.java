/// What a person starts: the command line and the page.
@NullMarked
package dev.pollux.cli;

import org.jspecify.annotations.NullMarked;
