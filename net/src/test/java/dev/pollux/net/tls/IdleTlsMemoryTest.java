package dev.pollux.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.Connection;
import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import java.io.BufferedReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an idle connection over TLS costs, as a slope between two numbers of connections; the far
/// ends are in a process of their own. The figure is printed.
final class IdleTlsMemoryTest {
  private static final int FEW = 100;
  private static final int MORE = 600;

  /// The JDK's engine, mostly: twice what was measured.
  private static final long MOST_BYTES = 40_000;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  @Timeout(value = 600, unit = TimeUnit.SECONDS)
  void anIdleConnectionHoldsNoBufferAndLittleHeap(String version) throws Exception {
    var echoes = new ConcurrentLinkedQueue<Recorder>();
    Path trusted = Certificates.SHARED.writeTrustFile(folder);
    try (HandshakePool steps = HandshakePool.start("pollux", 2);
        Engine engine = Engine.open(EngineOptions.of(IoModel.EPOLL).withLoops(1))) {
      TlsServer server =
          Tls.server(
              TlsOptions.of(Certificates.SHARED::identity).withVersions(List.of(version)),
              steps,
              new byte[0]);
      InetSocketAddress address =
          engine.listen(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              () -> {
                Recorder echo = new Recorder();
                echoes.add(echo);
                return server.wrap(echo);
              });
      long few = heapWith(address, FEW, trusted, echoes);
      long more = heapWith(address, MORE, trusted, echoes);
      long each = (more - few) / (MORE - FEW);
      System.out.println("bytes of heap for each idle connection over " + version + ": " + each);
      assertTrue(each > 0 && each < MOST_BYTES, "bytes for each: " + each);
    }
  }

  private static long heapWith(
      InetSocketAddress address, int count, Path trusted, ConcurrentLinkedQueue<Recorder> echoes)
      throws Exception {
    echoes.clear();
    Process farEnds = TlsFarEnds.start(address.getPort(), count, trusted);
    try (BufferedReader out = farEnds.inputReader()) {
      assertEquals("held " + count, out.readLine());
      Connection any = Objects.requireNonNull(echoes.peek()).connection();
      var lent = new CompletableFuture<Long>();
      any.execute(() -> lent.complete(any.buffers().lentBytes()));
      assertEquals(0, lent.get(120, TimeUnit.SECONDS), "bytes lent while all are idle");
      long used = Long.MAX_VALUE;
      for (int i = 0; i < 4; i++) {
        System.gc();
        used = Math.min(used, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
      }
      return used;
    } finally {
      farEnds.outputWriter().close();
      if (!farEnds.waitFor(120, TimeUnit.SECONDS)) {
        farEnds.destroyForcibly();
      }
    }
  }
}
