package dev.pollux.session;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The one message object of a [Batch]: shown a message, handed to the handler, and blinded again.
final class MessageView implements Message {
  private @Nullable MemorySegment buffer;
  private int offset;
  private int length;
  private boolean text;

  void show(MemorySegment messageBuffer, int messageOffset, int messageLength, boolean isText) {
    buffer = messageBuffer;
    offset = messageOffset;
    length = messageLength;
    text = isText;
  }

  void blind() {
    buffer = null;
  }

  /// The memory that holds the payload, from [#offset] on.
  MemorySegment buffer() {
    MemorySegment shown = buffer;
    if (shown == null) {
      throw new IllegalStateException(
          "a message is valid only until onMessage returns; keep text() or toByteArray()");
    }
    return shown;
  }

  int offset() {
    return offset;
  }

  @Override
  public boolean isText() {
    buffer();
    return text;
  }

  @Override
  public int length() {
    buffer();
    return length;
  }

  @Override
  public String text() {
    if (!isText()) {
      throw new IllegalStateException("a binary message has no text; use bytes()");
    }
    return new String(toByteArray(), StandardCharsets.UTF_8);
  }

  @Override
  public ByteBuffer bytes() {
    return buffer().asSlice(offset, length).asByteBuffer().asReadOnlyBuffer();
  }

  @Override
  public byte[] toByteArray() {
    byte[] copy = new byte[length];
    MemorySegment.copy(buffer(), ValueLayout.JAVA_BYTE, offset, copy, 0, length);
    return copy;
  }

  @Override
  public String toString() {
    return buffer == null
        ? "message (over)"
        : (text ? "text" : "binary") + " message, " + length + " bytes";
  }
}
