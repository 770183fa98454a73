package dev.pollux.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;

/// An echo that says a refusal by the name that the engine has for it.
class Wordy extends EchoProtocol {
  @Override
  public void onRefused(Connection connection, Refusal refusal) {
    byte[] words = refusal.name().getBytes(UTF_8);
    connection.write(MemorySegment.ofArray(words), 0, words.length);
  }
}
