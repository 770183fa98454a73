package dev.pollux.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pollux.server.RawClient;
import org.junit.jupiter.api.Test;

final class EchoExampleTest {
  @Test
  void theExampleOfTheReadmeEchoes() throws Exception {
    try (var server = EchoExample.start(0);
        var client = new RawClient(server.address(), "/echo")) {
      client.sendText("as written");
      assertEquals("text as written", client.read());
    }
  }
}
