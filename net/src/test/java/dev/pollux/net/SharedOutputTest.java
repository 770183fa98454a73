package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(600)
class SharedOutputTest {
  private static final int CLIENTS = 20;
  private static final int BYTES = 300_000;

  @ParameterizedTest
  @EnumSource
  void manyConnectionsSendTheSameBytesAmongTheirOwnAndLetGoOfThem(IoModel model) throws Exception {
    long heldBefore = SharedOutput.heldBytes();
    byte[] content = new byte[BYTES];
    new Random(BYTES).nextBytes(content);
    ConcurrentLinkedQueue<Connection> connections = new ConcurrentLinkedQueue<>();
    CountDownLatch all = new CountDownLatch(CLIENTS);
    List<Socket> sockets = new ArrayList<>();
    try (Engine engine = Engine.open(EngineOptions.of(model))) {
      InetSocketAddress server =
          engine.listen(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              () ->
                  new EchoProtocol() {
                    @Override
                    public void onOpen(Connection connection) {
                      connections.add(connection);
                      all.countDown();
                    }
                  });
      for (int i = 0; i < CLIENTS; i++) {
        sockets.add(new Socket(server.getAddress(), server.getPort()));
      }
      all.await(120, TimeUnit.SECONDS);
      SharedOutput shared = filled(content);
      for (Connection connection : connections) {
        shared.retain();
        connection.execute(() -> {
          own(connection, 'a');
          connection.append(shared);
          own(connection, 'z');
          shared.release();
        });
      }
      shared.release();
      for (Socket socket : sockets) {
        assertEquals('a', socket.getInputStream().read());
        assertArrayEquals(content, socket.getInputStream().readNBytes(BYTES));
        assertEquals('z', socket.getInputStream().read());
      }
      // One peer gets its copy and goes without reading it.
      SharedOutput unread = filled(content);
      Connection one = connections.element();
      one.execute(() -> {
        one.append(unread);
        unread.release();
        one.abort();
      });
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    assertEquals(heldBefore, SharedOutput.heldBytes(), "shared output that nobody let go of");
  }

  private static SharedOutput filled(byte[] content) {
    SharedOutput shared = SharedOutput.allocate(content.length);
    MemorySegment.copy(content, 0, shared.memory(), ValueLayout.JAVA_BYTE, 0, content.length);
    return shared;
  }

  private static void own(Connection connection, char value) {
    MemorySegment room = connection.reserve(1);
    room.set(ValueLayout.JAVA_BYTE, connection.reservedOffset(), (byte) value);
    connection.commit(1);
  }

  @Test
  void whoeverLetsGoTwiceIsTold() {
    SharedOutput shared = SharedOutput.allocate(1);
    shared.release();
    assertThrows(IllegalStateException.class, shared::release);
    assertThrows(IllegalArgumentException.class, () -> SharedOutput.allocate(0));
  }
}
