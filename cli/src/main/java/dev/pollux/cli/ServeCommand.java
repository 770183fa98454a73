package dev.pollux.cli;

import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.server.ServerBuilder;
import dev.pollux.sys.Trace;
import dev.pollux.sys.TraceSink;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `pollux serve`: runs a [DemoServer] until the process is told to end.
@Command(
    name = "serve",
    description = {
      "Runs a WebSocket server until Ctrl-C or SIGTERM.",
      "",
      "The first line on standard output says that it is ready:",
      "  listening on ws://HOST:PORT io=MODEL loops=N     (wss:// with TLS)",
      "The second one is the address of a page to try it and to watch it. Logs go to standard"
          + " error.",
      "When it is stopped it closes every session with 1001, behind the output that is pending.",
      ""
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped by Ctrl-C or SIGTERM",
      "1:it can't start: the address is in use, not permitted or unknown, or a file for TLS is"
          + " missing or damaged",
      "2:wrong usage",
      "69:the I/O model does not work here",
      "70:a defect of Pollux"
    },
    footerHeading = "%nWhat it serves:%n",
    footer = {
      "  /                        the page",
      "  /echo                    WebSocket: sends text and binary messages back",
      "  /offload[?delay=MILLIS]  WebSocket: answers after blocking I/O (500 ms) on the loop",
      "  /offload?offload         WebSocket: the same away from the loop; also"
          + " ?offload&delay=MILLIS",
      "  /stats                   WebSocket: a JSON text with live figures, twice a second",
      "",
      "Examples:",
      "  pollux serve",
      "  pollux serve --io blocking --port 0",
      "  pollux serve --io select --trace --trace-calls select,recv,send",
      "  pollux serve --tls-cert chain.pem --tls-key key.pem --host 0.0.0.0 --port 443",
      "  pollux serve --tls-self-signed",
      "  pollux serve --host 0.0.0.0 --port 9000 --io epoll-et --loops 4",
      "  pollux serve --max-message-bytes 16777216 --max-fragments 100000"
    })
final class ServeCommand implements Callable<Integer> {
  private static final Duration LOOK_AT_CERTIFICATES = Duration.ofSeconds(2);
  private static final Duration BEYOND_GRACE = Duration.ofSeconds(2);

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Name or address to listen on, 0.0.0.0 for all. Default: ${DEFAULT-VALUE}")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port to listen on, 0 for any free one. Default: ${DEFAULT-VALUE}")
  private int port = 8080;

  @Option(
      names = "--io",
      paramLabel = "MODEL",
      converter = IoWord.class,
      completionCandidates = IoWord.class,
      description = {
        "How to wait for I/O: ${COMPLETION-CANDIDATES}. What each one is: pollux models."
            + " Default: ${DEFAULT-VALUE}"
      })
  private IoModel io = IoModel.AUTO;

  @Option(
      names = "--loops",
      paramLabel = "N",
      description =
          "Event loops. Default: one for each core, one for nonblocking; blocking has none")
  private @Nullable Integer loops;

  @Option(
      names = "--direct",
      description = {
        "Connections live in the rings' own file tables, not in the process's, and need no"
            + " descriptor. Each loop has a table as large as the limit of descriptors (ulimit -n),"
            + " so more loops hold more. Peers' addresses are unknown then. Needs io_uring, and"
            + " auto takes it."
      })
  private boolean direct;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description = "More are answered with 503. Default: ${DEFAULT-VALUE}")
  private int maxConnections = 1_000_000;

  @Mixin private LimitOptions limits = new LimitOptions();

  @Mixin private CompressionFlags compression = new CompressionFlags();

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      description = "How long sessions have to end when it is stopped. Default: ${DEFAULT-VALUE}")
  private int graceSeconds = 5;

  @Mixin private TlsArguments tls = new TlsArguments();

  @Mixin private TraceArguments tracing = new TraceArguments();

  @Option(
      names = "--verbose",
      description = "Log more, and show the stack trace if it can't be started.")
  private boolean verbose;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    checkRanges();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    DemoServer demo;
    Trace trace = null;
    try {
      TlsOptions options = tls.options();
      trace = tracing.open(err);
      TraceSink sink = trace;
      demo =
          DemoServer.start(server ->
              traced(
                  sink, options == null ? described(server) : secured(described(server), options)));
    } catch (IOException e) {
      if (trace != null) {
        trace.close();
      }
      StartFailure failure = StartFailure.of(e, host);
      err.println("pollux serve: " + failure.sentence());
      if (verbose) {
        e.printStackTrace(err);
      }
      return failure.exitCode();
    }
    if (loops != null && !io.usesLoops()) {
      err.println("pollux serve: " + io + " has no loops: --loops changes nothing");
    }
    Trace traced = trace;
    if (traced != null && demo.server().model() == IoModel.NIO) {
      err.println(
          "pollux serve: the calls of nio are made by the JDK, where --trace does not see them:"
              + " try strace -f");
    }
    Duration grace = Duration.ofSeconds(graceSeconds);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().name("stop").unstarted(() -> stop(demo, traced, grace)));
    announce(demo, out);
    // The process ends by the hook.
    new CountDownLatch(1).await();
    return ExitCode.OK;
  }

  private static void announce(DemoServer demo, PrintWriter out) {
    out.println(
        "listening on "
            + demo.scheme()
            + "://"
            + demo.hostAndPort()
            + " io="
            + demo.server().model()
            + " loops="
            + demo.server().loops());
    out.println("open " + demo.page());
    out.flush();
  }

  /// Ends the process with 0: the JVM's own end after a signal would be 128 and the signal's
  /// number.
  private static void stop(DemoServer demo, @Nullable Trace trace, Duration grace) {
    // A handler that blocks its loop can hold the stop up: then the end comes without it.
    Thread.ofPlatform()
        .daemon()
        .name("stop-anyway")
        .start(() -> {
          pause(grace);
          // Requests to it fail now, so that a loop that waits for one can end.
          demo.backend().close();
          pause(BEYOND_GRACE);
          Runtime.getRuntime().halt(ExitCode.OK);
        });
    demo.stop(grace);
    if (trace != null) {
      trace.close();
    }
    Runtime.getRuntime().halt(ExitCode.OK);
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ServerBuilder secured(ServerBuilder server, TlsOptions options) {
    return server.tls(options).tlsReloadEvery(LOOK_AT_CERTIFICATES);
  }

  private static ServerBuilder traced(@Nullable TraceSink sink, ServerBuilder server) {
    return sink == null ? server : server.engine(options -> options.withTrace(sink));
  }

  private ServerBuilder described(ServerBuilder server) {
    return compression
        .describe(limits.apply(server))
        .host(host)
        .port(port)
        .io(io)
        .loops(loops == null ? 0 : loops)
        .maxConnections(maxConnections)
        .engine(options -> options.withRing(options.ring().withDirect(direct)));
  }

  private void checkRanges() {
    if (direct && io != IoModel.IO_URING && io != IoModel.AUTO) {
      throw new ParameterException(
          spec.commandLine(), "--direct needs --io io_uring, or auto; it is " + io + " here");
    }
    tls.check(spec);
    tracing.check(spec);
    check("--port", port, 0, 65_535);
    check("--loops", loops == null ? 1 : loops, 1, 1024);
    check("--max-connections", maxConnections, 1, Integer.MAX_VALUE);
    limits.check();
    check("--grace", graceSeconds, 0, 3600);
    compression.check(this::check);
  }

  private void check(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(),
          option + " is " + value + "; it must be from " + least + " to " + most);
    }
  }
}
