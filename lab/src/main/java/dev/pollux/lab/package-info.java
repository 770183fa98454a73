/// The lab: each claim about the I/O models as an experiment that measures it on this machine.
///
/// An [Experiment] measures into a [Notebook]; what stands in it is a [Finding]: data, which the
/// experiment's rule judges and the report shows.
@NullMarked
package dev.pollux.lab;

import org.jspecify.annotations.NullMarked;
