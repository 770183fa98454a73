package dev.pollux.session;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The group of all, as others see it: who opens is in it, and who ends is not.
///
/// @param all the group itself
record Everyone(SessionGroup all) implements Group {

  @Override
  public void join(WebSocket ws) {
    throw fixed();
  }

  @Override
  public void leave(WebSocket ws) {
    throw fixed();
  }

  private static UnsupportedOperationException fixed() {
    return new UnsupportedOperationException(
        "everyone is in the group of all while open; newGroup() makes one to join and leave");
  }

  @Override
  public SendStatus sendText(CharSequence text, @Nullable WebSocket except) {
    return all.sendText(text, except);
  }

  @Override
  public SendStatus sendBinary(ByteBuffer data, @Nullable WebSocket except) {
    return all.sendBinary(data, except);
  }

  @Override
  public SendStatus send(Message message, @Nullable WebSocket except) {
    return all.send(message, except);
  }

  @Override
  public int size() {
    return all.size();
  }
}
