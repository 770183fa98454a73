package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// No model allocates anything for a message, once it is compiled.
@Tag("allocation")
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MessageAllocationTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final int MESSAGES = 2_000;

  /// So many that whatever else goes on allocates fewer objects of any class.
  private static final int COUNTED_MESSAGES = 20_000;

  private static final int ROUNDS = 60;

  /// What the JDK makes each time that it puts a virtual thread into its scheduler's queue.
  private static final String UNPARKED = "java.util.concurrent.ForkJoinTask$RunnableExecuteAction";

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final byte[] message = new byte[64];
  private final byte[] answer = new byte[64];

  @ParameterizedTest
  @EnumSource(
      value = IoModel.class,
      mode = EnumSource.Mode.EXCLUDE,
      // The carriers run other threads too: see below.
      names = {"VIRTUAL", "AUTO"})
  void anEchoAllocatesNothing(IoModel model) throws Exception {
    try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(1))) {
      InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
      try (Socket client = client(server)) {
        echo(client, MESSAGES);
        long thread = threadOf(model, client);
        long bytes = Long.MAX_VALUE;
        // Until it is compiled, it may allocate; and now and then something is compiled anew.
        for (int round = 0; round < ROUNDS && bytes >= MESSAGES; round++) {
          long before = threads.getThreadAllocatedBytes(thread);
          echo(client, MESSAGES);
          bytes = threads.getThreadAllocatedBytes(thread) - before;
        }
        // Less than a byte a message: there is no object so small.
        assertTrue(bytes < MESSAGES, bytes + " bytes for " + MESSAGES + " messages");
      }
    }
  }

  /// The JVM does not say what a virtual thread allocates, so the objects of the whole heap are
  /// counted, with those that are garbage already.
  @Test
  void anEchoOfAVirtualThreadAllocatesWhatTheJdkUnparksItWith() throws Exception {
    try (Engine engine = Engine.open(EngineOptions.of(IoModel.VIRTUAL))) {
      InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
      try (Socket client = client(server)) {
        Set<String> perMessage = Set.of("nothing is known yet");
        for (int round = 0; round < ROUNDS && !Set.of(UNPARKED).containsAll(perMessage); round++) {
          perMessage = allocatedForEachMessage(client);
        }
        assertTrue(Set.of(UNPARKED).containsAll(perMessage), perMessage::toString);
      }
    }
  }

  /// The classes of which there came to be at least one object a message.
  private Set<String> allocatedForEachMessage(Socket client) throws Exception {
    long collectionsBefore = collections();
    String before = objectsOfTheHeap();
    echo(client, COUNTED_MESSAGES);
    String after = objectsOfTheHeap();
    if (collections() > collectionsBefore) {
      return Set.of("garbage was collected meanwhile");
    }
    Map<String, Long> grown = countsByClass(after);
    countsByClass(before).forEach((name, count) -> grown.merge(name, -count, Long::sum));
    Set<String> perMessage = new TreeSet<>();
    grown.forEach((name, count) -> {
      if (count >= COUNTED_MESSAGES) {
        perMessage.add(name);
      }
    });
    return perMessage;
  }

  /// The JVM's class histogram: number, instances, bytes and name in each line.
  private static String objectsOfTheHeap() throws JMException {
    return (String)
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[] {"-all"}},
                new String[] {String[].class.getName()});
  }

  private static Map<String, Long> countsByClass(String histogram) {
    Matcher line = Pattern.compile("(?m)^ *\\d+: +(\\d+) +\\d+ +(\\S+)").matcher(histogram);
    Map<String, Long> counts = new HashMap<>();
    while (line.find()) {
      counts.merge(line.group(2), Long.parseLong(line.group(1)), Long::sum);
    }
    return counts;
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  private static Socket client(InetSocketAddress server) throws IOException {
    Socket client = new Socket(server.getAddress(), server.getPort());
    client.setTcpNoDelay(true);
    return client;
  }

  /// Without an object for each message on this side either.
  private void echo(Socket client, int messages) throws IOException {
    InputStream answers = client.getInputStream();
    for (int i = 0; i < messages; i++) {
      client.getOutputStream().write(message);
      assertEquals(answer.length, answers.readNBytes(answer, 0, answer.length));
    }
  }

  private static long threadOf(IoModel model, Socket client) {
    String name =
        model == IoModel.BLOCKING
            ? "client-" + client.getLocalPort() + "@127.0.0.1"
            : "pollux-" + model + "-0";
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .findAny()
        .orElseThrow()
        .threadId();
  }
}
