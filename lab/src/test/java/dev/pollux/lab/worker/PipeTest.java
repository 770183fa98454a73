package dev.pollux.lab.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What goes through the pipe comes out of it, and nothing else does.
class PipeTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream in = new DataOutputStream(bytes);

  /// Not what a worker can answer.
  private record Holder(Object object) implements Serializable {}

  private DataInputStream out() {
    return new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
  }

  @Test
  void ordersComeOutAsTheyWentInUntilTheEnd() throws IOException {
    Map<String, Serializable> named =
        Map.of("port", 80, "millis", 5L, "model", "epoll", "models", new String[] {"a", "b"});
    Pipe.write(in, new Pipe.Order("open", new Arguments(named)));
    Pipe.write(in, new Pipe.Order("counts", new Arguments(Map.of())));
    DataInputStream out = out();
    Pipe.Order open = Pipe.read(out, Pipe.Order.class).orElseThrow();
    assertEquals("open", open.name());
    assertEquals(80, open.arguments().number("port"));
    assertEquals(5, open.arguments().number("millis"));
    assertEquals("epoll", open.arguments().text("model"));
    assertEquals(List.of("a", "b"), open.arguments().texts("models"));
    assertEquals("counts", Pipe.read(out, Pipe.Order.class).orElseThrow().name());
    assertEquals(Optional.empty(), Pipe.read(out, Pipe.Order.class));
  }

  @Test
  void anArgumentThatIsMissingOrOfAnotherTypeIsNamed() {
    Arguments arguments = new Arguments(Map.of("port", "eighty"));
    for (String name : List.of("port", "count")) {
      var thrown = assertThrows(IllegalArgumentException.class, () -> arguments.number(name));
      assertTrue(String.valueOf(thrown.getMessage()).contains("'" + name + "'"), thrown::toString);
    }
  }

  @Test
  void ofWhatCannotBeSerializedNothingIsWritten() {
    Holder holder = new Holder(new Object());
    assertThrows(
        NotSerializableException.class, () -> Pipe.write(in, new Pipe.Answer(holder, null)));
    assertEquals(0, bytes.size());
  }

  @Test
  void textIsNoAnswer() throws IOException {
    in.writeBytes("OpenJDK 64-Bit Server VM warning: ...\n");
    assertThrows(IOException.class, () -> Pipe.read(out(), Pipe.Answer.class));
  }
}
