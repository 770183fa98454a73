package dev.pollux.net;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.Kernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// A timer that is over while its loop is held, or while its thread is not run, comes after
/// whatever has arrived by then.
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LateTimerContractTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final byte HOLD = 'h';
  private static final byte ANSWER = 'a';

  /// More than one epoll_wait(2) tells of.
  private static final int VERY_MANY = 2_200;

  private static final int RECEIVE_BYTES = 512;

  private final Queue<Judge> judges = new ConcurrentLinkedQueue<>();
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch answered = new CountDownLatch(1);
  private final AtomicInteger opened = new AtomicInteger();

  /// Answers cancel its timer; a hold holds the loop until there are answers and the timers of all
  /// are over.
  private final class Judge implements Protocol {
    private volatile @Nullable Connection connection;
    volatile boolean wasAnswered;
    volatile boolean timerCame;

    @Override
    public void onOpen(Connection own) {
      connection = own;
      opened.incrementAndGet();
    }

    @Override
    public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
      if (buffer.get(ValueLayout.JAVA_BYTE, offset) == HOLD) {
        hold();
      } else {
        wasAnswered = true;
        from.cancelTimer();
      }
    }

    private void hold() {
      judges.forEach(judge -> {
        if (judge != this) {
          requireNonNull(judge.connection).setTimer(DELAY_NANOS);
        }
      });
      long over = System.nanoTime() + 2 * DELAY_NANOS;
      held.countDown();
      try {
        answered.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      while (System.nanoTime() - over < 0) {
        LockSupport.parkNanos(DELAY_NANOS / 10);
      }
    }

    @Override
    public void onTimer(Connection from) {
      timerCame = true;
    }
  }

  private Judge newJudge() {
    Judge judge = new Judge();
    judges.add(judge);
    return judge;
  }

  @ParameterizedTest
  @EnumSource(
      names = {"BLOCKING", "VIRTUAL"},
      mode = EnumSource.Mode.EXCLUDE)
  void ofAHeldLoop(IoModel model) throws Exception {
    loopIsHeld(model, 100);
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "EPOLL_ET", "NIO", "IO_URING"})
  void ofAHeldLoopWithMoreAnswersThanOneWaitTellsOf(IoModel model) throws Exception {
    loopIsHeld(model, VERY_MANY);
  }

  /// Of ten clients nine answer while the loop is held, and the tenth does not.
  private void loopIsHeld(IoModel model, int count) throws Exception {
    List<SocketChannel> clients = new ArrayList<>();
    try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(1))) {
      InetSocketAddress address = engine.listen(ANY_PORT, this::newJudge);
      SocketChannel holder = connect(address, clients);
      List<Judge> ofClients = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        connect(address, clients);
        int due = i + 2;
        Await.until("a client was accepted", () -> opened.get() == due);
      }
      ofClients.addAll(judges);
      holder.write(ByteBuffer.wrap(new byte[] {HOLD}));
      held.await();
      for (int i = 1; i <= count; i++) {
        if (answers(i)) {
          clients.get(i).write(ByteBuffer.wrap(new byte[] {ANSWER}));
        }
      }
      answered.countDown();
      for (int i = 1; i <= count; i++) {
        Judge judge = ofClients.get(i);
        Await.until("it was answered, or its timer came", () -> answeredOrTold(judge));
        assertEquals(answers(i), judge.wasAnswered && !judge.timerCame, "client " + i);
      }
    } finally {
      closeAll(clients);
    }
  }

  private static boolean answers(int client) {
    return client % 10 != 0;
  }

  private static boolean answeredOrTold(Judge judge) {
    return judge.wasAnswered || judge.timerCame;
  }

  private static SocketChannel connect(InetSocketAddress address, List<SocketChannel> clients)
      throws IOException {
    SocketChannel client = SocketChannel.open(address);
    clients.add(client);
    return client;
  }

  private static void closeAll(List<SocketChannel> clients) throws IOException {
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  /// A worker is not run between its wish to receive and recv(2), or between recv(2) and what
  /// follows, for longer than its connection's timer takes.
  @ParameterizedTest
  @CsvSource({"BLOCKING,false", "BLOCKING,true", "VIRTUAL,false", "VIRTUAL,true"})
  void ofAThreadThatIsNotRun(IoModel model, boolean hasReceived) throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger stopped = new AtomicInteger();
    EngineOptions options =
        EngineOptions.of(model)
            .withReceiveBufferBytes(RECEIVE_BYTES)
            .withKernels(kernel -> new StoppedInReceive(kernel, hasReceived, stopped, goOn));
    List<SocketChannel> clients = new ArrayList<>();
    Queue<Judged> judged = new ConcurrentLinkedQueue<>();
    try (Engine engine = Engine.open(options)) {
      InetSocketAddress address =
          engine.listen(
              ANY_PORT,
              () -> {
                Judged protocol = new Judged();
                judged.add(protocol);
                return protocol;
              });
      for (int i = 0; i < 20; i++) {
        connect(address, clients).write(ByteBuffer.allocate(RECEIVE_BYTES + 1));
      }
      Await.until("every worker is stopped", () -> stopped.get() == 20);
      Judged control = new Judged();
      SocketChannel silent = connect(engine.listen(ANY_PORT, () -> control), clients);
      silent.write(ByteBuffer.allocate(1));
      Await.until("the timer of one that is run came thrice", () -> control.timers.get() >= 3);
      goOn.countDown();
      Await.until(
          "all that was sent has come",
          () -> judged.stream().allMatch(each -> each.bytes.get() == RECEIVE_BYTES + 1));
      assertEquals(20, judged.size());
      assertTrue(judged.stream().allMatch(each -> each.timers.get() == 0), "a timer came first");
    } finally {
      goOn.countDown();
      closeAll(clients);
    }
  }

  /// Its first bytes set a timer, and more take it back; without those it is set again.
  private static final class Judged implements Protocol {
    final AtomicInteger bytes = new AtomicInteger();
    final AtomicInteger timers = new AtomicInteger();

    @Override
    public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
      if (bytes.getAndAdd(length) == 0) {
        from.setTimer(DELAY_NANOS);
      } else {
        from.cancelTimer();
      }
    }

    @Override
    public void onTimer(Connection from) {
      timers.incrementAndGet();
      from.setTimer(DELAY_NANOS);
    }
  }

  /// Who has received a whole buffer full of zeros is stopped in its next recv(2).
  private static final class StoppedInReceive extends PassingKernel {
    private final boolean hasReceived;
    private final AtomicInteger stopped;
    private final CountDownLatch goOn;
    private final ThreadLocal<Boolean> stopsNext = ThreadLocal.withInitial(() -> false);

    StoppedInReceive(
        Kernel kernel, boolean hasReceived, AtomicInteger stopped, CountDownLatch goOn) {
      super(kernel);
      this.hasReceived = hasReceived;
      this.stopped = stopped;
      this.goOn = goOn;
    }

    @Override
    public int recv(int fd, MemorySegment buffer, int flags) {
      boolean stops = stopsNext.get();
      if (stops && !hasReceived) {
        stop();
      }
      int received = super.recv(fd, buffer, flags);
      if (stops && hasReceived) {
        stop();
      }
      stopsNext.set(received == RECEIVE_BYTES);
      return received;
    }

    private void stop() {
      stopped.incrementAndGet();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
