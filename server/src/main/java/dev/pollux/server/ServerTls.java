package dev.pollux.server;

import dev.pollux.net.Protocol;
import dev.pollux.net.tls.HandshakePool;
import dev.pollux.net.tls.Tls;
import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.net.tls.TlsServer;
import dev.pollux.net.tls.TlsStatistics;
import dev.pollux.session.RateLimitedLog;
import dev.pollux.websocket.HttpResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// TLS of one server: its side of the handshakes, the threads for them, and the look at the files
/// now and then.
final class ServerTls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolluxServer.class);
  private static final RateLimitedLog FAILURES = new RateLimitedLog(LOG);
  private static final List<String> HTTP = List.of("http/1.1");

  private final HandshakePool steps;
  private final TlsServer tls;
  private final List<Path> files;
  private final @Nullable ScheduledExecutorService watcher;

  // The watcher's.
  private List<Object> seen;

  private ServerTls(
      HandshakePool steps,
      TlsServer tls,
      List<Path> files,
      @Nullable ScheduledExecutorService watcher) {
    this.steps = steps;
    this.tls = tls;
    this.files = files;
    this.watcher = watcher;
    this.seen = look();
  }

  /// @param reloadEvery how often the files are looked at, 0 for never
  static ServerTls open(TlsOptions options, Duration reloadEvery, String threadName)
      throws IOException {
    HandshakePool steps = HandshakePool.start(threadName, 0);
    try {
      TlsServer tls = Tls.server(withHttp(options), steps, answerToPlainText());
      List<Path> files = filesOf(options);
      boolean watches = !reloadEvery.isZero() && !files.isEmpty();
      ServerTls opened = new ServerTls(steps, tls, files, watches ? newWatcher(threadName) : null);
      opened.watch(reloadEvery);
      return opened;
    } catch (IOException | RuntimeException e) {
      steps.close();
      throw e;
    }
  }

  private static TlsOptions withHttp(TlsOptions options) {
    return options.applicationProtocols().isEmpty()
        ? options.withApplicationProtocols(HTTP)
        : options;
  }

  private static byte[] answerToPlainText() {
    return HttpResponse.text(400, "this port speaks TLS: use wss:// or https://").bytes();
  }

  private static List<Path> filesOf(TlsOptions options) {
    List<Path> files = new ArrayList<>();
    for (TlsIdentity.Source source : options.identities()) {
      files.addAll(source.files());
    }
    Path trust = options.trustFile();
    if (trust != null) {
      files.add(trust);
    }
    return List.copyOf(files);
  }

  private static ScheduledExecutorService newWatcher(String threadName) {
    return Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().daemon().name(threadName + "-tls-files").factory());
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the task catches and logs what it may throw
  private void watch(Duration every) {
    ScheduledExecutorService looking = watcher;
    if (looking != null) {
      long nanos = every.toNanos();
      looking.scheduleWithFixedDelay(this::reloadIfChanged, nanos, nanos, TimeUnit.NANOSECONDS);
    }
  }

  Protocol wrap(Protocol inner) {
    return tls.wrap(inner);
  }

  TlsStatistics statistics() {
    return tls.statistics();
  }

  void reload() throws IOException {
    tls.reload();
  }

  private void reloadIfChanged() {
    List<Object> now = look();
    if (now.equals(seen)) {
      return;
    }
    try {
      tls.reload();
      seen = now;
      LOG.info("TLS: certificates reloaded");
    } catch (IOException | RuntimeException e) {
      // Half written, perhaps: the next look tries again. Until then the old ones are good.
      FAILURES.log(Level.WARN, "the new certificates can't be used, the old ones stay", files, e);
    }
  }

  /// What tells whether files have changed: a link to somewhere else shows, too.
  private List<Object> look() {
    List<Object> found = new ArrayList<>();
    for (Path file : files) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        found.add(
            List.of(
                attributes.lastModifiedTime(),
                attributes.size(),
                String.valueOf(attributes.fileKey())));
      } catch (IOException e) {
        found.add("missing");
      }
    }
    return found;
  }

  /// To be called when the engine is closed.
  @Override
  public void close() {
    ScheduledExecutorService looking = watcher;
    if (looking != null) {
      looking.shutdownNow();
    }
    steps.close();
  }
}
