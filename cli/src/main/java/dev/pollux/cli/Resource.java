package dev.pollux.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// A file that is in the jar beside these classes.
final class Resource {
  private Resource() {}

  static byte[] bytes(String name) {
    try (InputStream in = Resource.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar has no " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
