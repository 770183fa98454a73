package dev.pollux.cli;

import dev.pollux.net.IoModel;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// The word for an I/O model on the command line, and the words that there are.
final class IoWord implements ITypeConverter<IoModel>, Iterable<String> {

  @Override
  public IoModel convert(String word) {
    try {
      return IoModel.of(word);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(IoModel.values()).map(IoModel::word).iterator();
  }
}
