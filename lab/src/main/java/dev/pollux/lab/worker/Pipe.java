package dev.pollux.lab.worker;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What goes through the pipes between the lab and a worker: serialized objects, each behind its
/// length.
///
/// JSON would be readable, and would double the time in which a worker starts: what reads and
/// writes it is as much to load as all that a worker has besides. Both ends are the same program,
/// so that neither has to trust the other with its classes.
final class Pipe {
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  private Pipe() {}

  /// The lab's side asks for it.
  record Order(String name, Arguments arguments) implements Serializable {}

  /// How an order was carried out: a failure, or an answer, which may be null.
  record Answer(@Nullable Serializable value, @Nullable String failure) implements Serializable {}

  /// Writes one object. Nothing is written if it, or something in it, can't be serialized.
  static void write(DataOutputStream to, Serializable object) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
      objects.writeObject(object);
    }
    to.writeInt(bytes.size());
    bytes.writeTo(to);
    to.flush();
  }

  /// The next object; empty if the other side has ended.
  ///
  /// @throws IOException if something else comes
  static <T> Optional<T> read(DataInputStream from, Class<T> type) throws IOException {
    int length;
    try {
      length = from.readInt();
    } catch (EOFException e) {
      return Optional.empty();
    }
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException("what comes through the pipe is no " + type.getSimpleName());
    }
    byte[] bytes = from.readNBytes(length);
    try (ObjectInputStream objects = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return Optional.of(type.cast(objects.readObject()));
    } catch (ClassNotFoundException e) {
      throw new IOException("what comes through the pipe is of an unknown class", e);
    }
  }
}
