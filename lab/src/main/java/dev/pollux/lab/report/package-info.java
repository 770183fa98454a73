/// What the lab leaves: `report.json`, and `index.html` for a person.
@NullMarked
package dev.pollux.lab.report;

import org.jspecify.annotations.NullMarked;
