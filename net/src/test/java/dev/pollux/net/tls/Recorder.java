package dev.pollux.net.tls;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The protocol above TLS: remembers what it is told, and echoes if asked to.
class Recorder implements Protocol {
  final List<String> events = new ArrayList<>();
  final ByteArrayOutputStream received = new ByteArrayOutputStream();
  boolean echoes = true;
  private boolean inside;
  private @Nullable Connection connection;

  Connection connection() {
    return Objects.requireNonNull(connection, "not opened");
  }

  @Override
  public void onOpen(Connection opened) {
    connection = opened;
    events.add("open");
  }

  @Override
  public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
    if (inside) {
      throw new IllegalStateException("a callback within a callback");
    }
    inside = true;
    received.writeBytes(buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    if (echoes) {
      from.write(buffer, offset, length);
    }
    onReceived(from);
    inside = false;
  }

  void onReceived(Connection from) {}

  @Override
  public void onEndOfInput(Connection from) {
    events.add("end of input");
    from.close();
  }

  @Override
  public void onTimer(Connection from) {
    events.add("timer");
  }

  @Override
  public void onClosed(Connection from, CloseReason reason) {
    events.add("closed " + reason);
  }

  @Override
  public void onConnectFailed(IOException cause) {
    events.add("failed " + cause.getMessage());
  }
}
