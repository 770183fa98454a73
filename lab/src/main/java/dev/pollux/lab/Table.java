package dev.pollux.lab;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is better read than drawn: a row for each thing, the first cell its name.
///
/// @param id its name in `report.json`, unique in the finding
/// @param title what it shows, in a few words
/// @param columns the heads of the columns, with their units
/// @param rows as many cells each as there are columns: text, numbers, or null where nothing was
///   measured
public record Table(
    String id, String title, List<String> columns, List<List<@Nullable Object>> rows) {

  public Table {
    columns = List.copyOf(columns);
    List<List<@Nullable Object>> copies = new ArrayList<>();
    for (List<@Nullable Object> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "table " + id + " has " + columns.size() + " columns, and a row of it " + row.size());
      }
      for (Object cell : row) {
        if (cell != null && !(cell instanceof String) && !(cell instanceof Number)) {
          throw new IllegalArgumentException(
              "table " + id + " has a cell of " + cell.getClass() + "; use a string or a number");
        }
      }
      // Not List.copyOf, which refuses null.
      copies.add(Collections.unmodifiableList(new ArrayList<>(row)));
    }
    rows = Collections.unmodifiableList(copies);
  }
}
