/// The experiments, a class each, and the jobs that they give to processes of their own.
@NullMarked
package dev.pollux.lab.experiment;

import org.jspecify.annotations.NullMarked;
