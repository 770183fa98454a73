package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.pollux.sys.SyscallLedger.Snapshot;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The counting kernel over one that answers what the test wants.
class CountingKernelTest {

  private final List<Object> calls = new ArrayList<>();
  private final SyscallLedger ledger = new SyscallLedger();
  private int answer;
  private Runnable during = () -> {};
  private final Kernel counting = new CountingKernel(answering(), ledger);
  private final MemorySegment buffer = MemorySegment.ofArray(new byte[8]);
  private final Arena arena = Arena.ofAuto();

  @Test
  void everyCallIsPassedOnAsItIsAndCountedUnderItsName() throws ReflectiveOperationException {
    Set<SystemCall> seen = new HashSet<>();
    for (Method method : Kernel.class.getMethods()) {
      SystemCall call = callOf(method);
      seen.add(call);
      Object[] arguments = new Object[method.getParameterCount()];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = argument(method.getParameterTypes()[i], i);
      }
      calls.clear();
      answer = 7;
      Snapshot before = ledger.snapshot();
      assertEquals(7, invoke(counting, method, arguments));
      List<Object> expected = new ArrayList<>(List.of(method));
      expected.addAll(List.of(arguments));
      assertEquals(expected, calls);
      Snapshot difference = ledger.snapshot().minus(before);
      assertEquals(1, difference.calls(call), call::callName);
      assertEquals(1, difference.totalCalls(), call::callName);
    }
    Set<SystemCall> ofRings =
        Arrays.stream(SystemCall.values())
            .filter(call -> call.name().startsWith("IO"))
            .collect(Collectors.toSet());
    seen.addAll(ofRings);
    assertEquals(Set.of(SystemCall.values()), seen);
  }

  @Test
  void whatOthersNoticeIsCountedBeforeItIsMade() throws ReflectiveOperationException {
    Set<SystemCall> before = EnumSet.noneOf(SystemCall.class);
    for (Method method : Kernel.class.getMethods()) {
      SystemCall call = callOf(method);
      Object[] arguments = new Object[method.getParameterCount()];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = argument(method.getParameterTypes()[i], i);
      }
      long counted = ledger.snapshot().calls(call);
      during =
          () -> {
            if (ledger.snapshot().calls(call) > counted) {
              before.add(call);
            }
          };
      invoke(counting, method, arguments);
    }
    assertEquals(
        EnumSet.of(
            SystemCall.CONNECT,
            SystemCall.SEND,
            SystemCall.SENDMSG,
            SystemCall.WRITE,
            SystemCall.WRITEV,
            SystemCall.SHUTDOWN,
            SystemCall.CLOSE),
        before);
  }

  @Test
  void eachOutcomeIsCountedByItself() {
    recv(5);
    recv(0);
    recv(-Errno.EAGAIN);
    recv(-Errno.EAGAIN);
    recv(-Errno.EINTR);
    recv(-Errno.ECONNRESET);
    recv(-Errno.EBADF);
    recv(-Errno.EBADF);
    recv(-9999);
    Snapshot counted = ledger.snapshot();
    assertEquals(9, counted.calls(SystemCall.RECV));
    assertEquals(2, counted.wouldBlock(SystemCall.RECV));
    assertEquals(1, counted.interrupted(SystemCall.RECV));
    assertEquals(4, counted.failures(SystemCall.RECV));
    assertEquals(5, counted.bytes(SystemCall.RECV));
    assertEquals(2, counted.errors(Errno.EAGAIN));
    assertEquals(1, counted.errors(Errno.EINTR));
    assertEquals(1, counted.errors(Errno.ECONNRESET));
    assertEquals(2, counted.errors(Errno.EBADF));
    assertEquals(1, counted.errors(9999));
    assertEquals(0, counted.errors(Errno.EPIPE));
    assertEquals(0, counted.calls(SystemCall.SEND));
  }

  @Test
  void bytesAreCountedForTransfersOnly() {
    answer = 100;
    IoVector pieces = IoVector.allocate(arena, 1);
    counting.recv(1, buffer, 0);
    counting.send(1, buffer, 0, 8, 0);
    counting.sendmsg(1, pieces, 0);
    counting.read(1, buffer);
    counting.write(1, buffer, 0, 8);
    counting.writev(1, pieces);
    counting.socket(1, 1, 0);
    counting.fcntl(1, 1, 0);
    counting.epollWait(1, EpollEvents.allocate(arena, 1), 0);
    Snapshot counted = ledger.snapshot();
    for (SystemCall call : SystemCall.values()) {
      long expected =
          switch (call) {
            case RECV, SEND, SENDMSG, READ, WRITE, WRITEV -> 100;
            default -> 0;
          };
      assertEquals(expected, counted.bytes(call), call::callName);
    }
  }

  @Test
  void aWaitIsCountedWithTheBytesHandedToTheKernel() {
    FdSet set = FdSet.allocate(arena);
    PollFds fds = PollFds.allocate(arena, 10);
    answer = -Errno.EINTR;
    counting.select(65, set, null, set, 0);
    counting.select(64, set, set, set, 0);
    counting.select(-1, set, null, null, 0);
    counting.poll(fds, 10, 0);
    counting.poll(fds, 3, 0);
    Snapshot counted = ledger.snapshot();
    assertEquals(2 * 16 + 3 * 8, counted.bytes(SystemCall.SELECT));
    assertEquals(13 * 8, counted.bytes(SystemCall.POLL));
    assertEquals(3, counted.interrupted(SystemCall.SELECT));
  }

  @Test
  void snapshotsAreAddedAndSubtracted() {
    recv(3);
    Snapshot first = ledger.snapshot();
    recv(4);
    recv(-Errno.EAGAIN);
    Snapshot second = ledger.snapshot();
    Snapshot between = second.minus(first);
    assertEquals(2, between.calls(SystemCall.RECV));
    assertEquals(4, between.bytes(SystemCall.RECV));
    assertEquals(1, between.wouldBlock(SystemCall.RECV));
    Snapshot sum = second.plus(first).plus(Snapshot.ZERO);
    assertEquals(4, sum.calls(SystemCall.RECV));
    assertEquals(10, sum.bytes(SystemCall.RECV));
    assertEquals(1, sum.errors(Errno.EAGAIN));
    assertEquals(1, first.totalCalls());
  }

  @Test
  void aSnapshotIsReadable() {
    recv(3);
    recv(-Errno.EAGAIN);
    assertEquals("recv: 2 calls, 3 bytes\nEAGAIN: 1\n", ledger.snapshot().toString());
  }

  @Test
  void aCallHasTheNameOfItsManPage() {
    assertEquals("epoll_wait", SystemCall.EPOLL_WAIT.toString());
    assertEquals("accept4", SystemCall.ACCEPT4.callName());
  }

  @Test
  void anotherThreadReadsTheCountersWhileTheOwnerCounts() throws InterruptedException {
    int total = 100_000;
    Thread owner =
        new Thread(() -> {
          for (int i = 0; i < total; i++) {
            ledger.countTransfer(SystemCall.SEND, 2);
          }
        });
    owner.start();
    long last = 0;
    while (last < total) {
      long calls = ledger.snapshot().calls(SystemCall.SEND);
      assertEquals(Math.max(last, calls), calls, "a counter went back");
      last = calls;
    }
    owner.join();
    assertEquals(total, last);
    assertEquals(2L * total, ledger.snapshot().bytes(SystemCall.SEND));
  }

  @Test
  void theLedgerOfTheKernelIsTheOneGiven() {
    assertSame(ledger, new CountingKernel(counting, ledger).ledger());
  }

  private void recv(int result) {
    answer = result;
    assertEquals(result, counting.recv(1, buffer, 0));
  }

  private static SystemCall callOf(Method method) {
    String snake = method.getName().replaceAll("([A-Z])", "_$1");
    return SystemCall.valueOf(snake.toUpperCase(Locale.ROOT));
  }

  /// A value that tells its place, so that two that were exchanged are noticed.
  private Object argument(Class<?> type, int place) {
    return switch (type.getSimpleName()) {
      case "int" -> place + 1;
      case "long" -> place + 1L;
      case "MemorySegment" -> buffer;
      case "SockAddr" -> SockAddr.allocate(arena);
      case "IoVector" -> IoVector.allocate(arena, 1);
      case "FdSet" -> FdSet.allocate(arena);
      case "PollFds" -> PollFds.allocate(arena, 1);
      case "EpollEvents" -> EpollEvents.allocate(arena, 1);
      case "int[]" -> new int[2];
      case "long[]" -> new long[2];
      default -> throw new AssertionError(type);
    };
  }

  private Kernel answering() {
    return (Kernel)
        Proxy.newProxyInstance(
            CountingKernelTest.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              during.run();
              calls.add(method);
              calls.addAll(Arrays.asList(arguments));
              return answer;
            });
  }

  private static Object invoke(Kernel kernel, Method method, Object[] arguments)
      throws IllegalAccessException, InvocationTargetException {
    return method.invoke(kernel, arguments);
  }
}
