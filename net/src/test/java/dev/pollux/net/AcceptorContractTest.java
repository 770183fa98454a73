package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A handler holds a loop: newcomers go to the others, also when that loop has the fewest
/// connections, and whichever it is.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AcceptorContractTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final int LOOPS = 3;
  private static final int NEWCOMERS = 50;
  private static final byte HOLD = 'h';

  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final List<Socket> clients = new ArrayList<>();

  private final class Holding implements Protocol {
    @Override
    public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
      if (buffer.get(ValueLayout.JAVA_BYTE, offset) == HOLD) {
        held.countDown();
        try {
          goOn.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      from.write(buffer, offset, length);
    }
  }

  @AfterEach
  void closeClients() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
  }

  private Socket connect(InetSocketAddress address) throws IOException {
    Socket client = new Socket(address.getAddress(), address.getPort());
    clients.add(client);
    client.setTcpNoDelay(true);
    return client;
  }

  private static void echoes(Socket client, int value) throws IOException {
    client.getOutputStream().write(value);
    assertEquals(value, client.getInputStream().read());
  }

  @ParameterizedTest
  @CsvSource({
    "SELECT,0",
    "POLL,1",
    "EPOLL,0",
    "EPOLL,1",
    "EPOLL,2",
    "EPOLL_ET,2",
    "NIO,0",
    "IO_URING,0",
    "IO_URING,1",
    "IO_URING,2"
  })
  void newcomersAreServedByTheOthers(IoModel model, int heldLoop) throws Exception {
    try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(LOOPS))) {
      InetSocketAddress address = engine.listen(ANY_PORT, Holding::new);
      // Two for each loop; then one of the loop that will be held goes.
      for (int i = 0; i < 2 * LOOPS; i++) {
        echoes(connect(address), i);
      }
      clients.get(heldLoop).close();
      Await.until("one has gone", () -> engine.statistics().connections() == 2 * LOOPS - 1);
      clients.get(heldLoop + LOOPS).getOutputStream().write(HOLD);
      held.await();
      // The first one shows that the loop lags.
      Socket first = connect(address);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      for (int i = 0; i < NEWCOMERS; i++) {
        echoes(connect(address), i);
      }
      goOn.countDown();
      echoes(first, 1);
      echoes(connect(address), 2);
    } finally {
      goOn.countDown();
    }
  }
}
