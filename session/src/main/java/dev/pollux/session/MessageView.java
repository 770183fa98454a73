package dev.pollux.session;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A message as it is handed to a handler: a view that is blinded when the handler returns, and
/// stays so. Each message has its own, 32 bytes that die young: one that was used again would show
/// a handler that kept it what somebody else has sent (docs/decisions/0017).
final class MessageView implements Message {
  private final Thread thread = Thread.currentThread();
  private @Nullable MemorySegment buffer;
  private final int offset;
  private final int length;
  private final boolean text;

  MessageView(MemorySegment buffer, int offset, int length, boolean text) {
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    this.text = text;
  }

  /// The callback is over.
  void blind() {
    buffer = null;
  }

  /// The memory that holds the payload, from [#offset] on.
  MemorySegment buffer() {
    MemorySegment shown = buffer;
    if (shown == null || Thread.currentThread() != thread) {
      throw new IllegalStateException(
          shown == null
              ? "a message is valid only until onMessage returns; keep text() or toByteArray()"
              : "a message is valid only on the thread that onMessage was called by; hand on text()"
                  + " or toByteArray()");
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
