package dev.pollux.cli;

import dev.pollux.lab.load.Load;
import dev.pollux.lab.load.LoadException;
import dev.pollux.lab.load.LoadPlan;
import dev.pollux.lab.load.LoadPlan.Mode;
import dev.pollux.lab.load.LoadProgress;
import dev.pollux.lab.load.LoadResult;
import dev.pollux.net.IoModel;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `pollux load`: loads a WebSocket server and says how it did.
@Command(
    name = "load",
    description = {
      "Loads a WebSocket server, checks every byte that comes back, and says how it did.",
      "",
      "A closed loop by default: an answer brings the next message. With --rate an open loop:"
          + " messages are sent when they are due, and latency counts from that moment, whatever"
          + " the server does. Progress goes to standard error, the result to standard output.",
      ""
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all that was sent came back as it should",
      "1:a connection could not be opened: the server is not there, or refused",
      "2:wrong usage",
      "3:what came back differs from what was sent",
      "4:connections were lost, or a subscriber missed messages",
      "5:nothing came back any more",
      "69:this machine does not give what is needed: the I/O model, descriptors, an address",
      "70:a defect of Pollux"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pollux load ws://127.0.0.1:8080/echo",
      "  pollux load ws://127.0.0.1:8080/echo --connections 100 --in-flight 16 --duration 10",
      "  pollux load ws://127.0.0.1:8080/echo --connections 19000 --active 100",
      "  pollux load ws://127.0.0.1:8080/echo --connections 1000 --rate 20000 --json",
      "  pollux load wss://localhost:8080/echo --tls-trust ca.pem --connections 100",
      "  pollux load ws://127.0.0.1:8080/room --mode fan-out --connections 5000"
    })
final class LoadCommand implements Callable<Integer> {
  @Parameters(paramLabel = "URL", description = "The server: ws://HOST:PORT/PATH or wss://...")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private String url;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = {
        "What is expected of the server: echo (each message comes back), fan-out (each message of"
            + " one publisher comes to all connections), idle (connections are held). Default:"
            + " ${DEFAULT-VALUE}"
      })
  private String mode = "echo";

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "Connections to hold open. Default: ${DEFAULT-VALUE}")
  private int connections = 1;

  @Option(
      names = "--active",
      paramLabel = "N|P%%",
      description = "How many of them send, as a number or in per cent. Default: all")
  private @Nullable String active;

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      description = "Bytes of each message. Default: ${DEFAULT-VALUE}")
  private int payload = 64;

  @Option(
      names = "--in-flight",
      paramLabel = "K",
      description =
          "Messages outstanding on each active connection. Default: 1; with --rate, at most 1024")
  private @Nullable Integer inFlight;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Messages a second, of all connections together (open loop)")
  private @Nullable Double rate;

  @Option(names = "--text", description = "Text messages instead of binary ones.")
  private boolean text;

  @Option(
      names = "--compressed",
      description =
          "Offer permessage-deflate (RFC 7692) and send compressed messages, made of words.")
  private boolean compressed;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      description = "How long is measured. Default: ${DEFAULT-VALUE}")
  private double duration = 5;

  @Option(
      names = "--warmup",
      paramLabel = "SECONDS",
      description = "How long it runs before that. Default: ${DEFAULT-VALUE}")
  private double warmUp = 3;

  @Option(
      names = "--ramp",
      paramLabel = "SECONDS",
      description = "Spread the opening of the connections over this time. Default: at once")
  private double ramp;

  @Option(
      names = "--source",
      paramLabel = "ADDRESS",
      split = ",",
      description = {
        "Addresses of this machine to connect from, in turn; each has about 28,000 ports."
            + " Default: as many of 127.0.0.x as are needed where the server is on loopback"
      })
  private List<String> sources = List.of();

  @Option(
      names = "--publish-url",
      paramLabel = "URL",
      description = "Where the publisher of --mode fan-out connects. Default: as the others")
  private @Nullable String publishUrl;

  @Option(
      names = "--io",
      paramLabel = "MODEL",
      converter = IoWord.class,
      completionCandidates = IoWord.class,
      description = {
        "How the load itself waits for I/O: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}"
      })
  private IoModel io = IoModel.EPOLL;

  @Option(
      names = "--loops",
      paramLabel = "N",
      description = "Event loops of the load. Default: ${DEFAULT-VALUE}")
  private int loops = 1;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "What the payloads are made from. Default: ${DEFAULT-VALUE}")
  private long seed = 1;

  @Mixin private ClientTlsArguments tls = new ClientTlsArguments();

  @Option(
      names = "--server-pid",
      paramLabel = "PID",
      description = "Report the CPU time of this process per message.")
  private long serverPid;

  @Option(names = "--json", description = "The result as one line of JSON.")
  private boolean json;

  @Option(names = "--quiet", description = "No progress on standard error.")
  private boolean quiet;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    LoadPlan plan = plan();
    ProgressLine line = ProgressLine.onStandardError(err);
    LoadResult result;
    try {
      result = Load.run(plan, tls.options(), quiet ? LoadProgress.NONE : line::load);
    } catch (LoadException e) {
      line.clear();
      err.println("pollux load: " + e.getMessage());
      return exitCode(e.reason());
    }
    line.clear();
    if (json) {
      out.println(result.json());
    } else {
      LoadReport.print(result, out);
    }
    out.flush();
    if (!result.allWell()) {
      err.println("pollux load: " + LoadReport.complaint(result));
    }
    return result.different() > 0
        ? ExitCode.DIFFERENT
        : result.allWell() ? ExitCode.OK : ExitCode.LOST;
  }

  private static int exitCode(LoadException.Reason reason) {
    return switch (reason) {
      case NOT_CONNECTED -> ExitCode.NOT_CONNECTED;
      case ALL_LOST -> ExitCode.LOST;
      case DIFFERENT -> ExitCode.DIFFERENT;
      case STALLED -> ExitCode.STALLED;
      case UNAVAILABLE -> ExitCode.UNAVAILABLE;
    };
  }

  private LoadPlan plan() {
    tls.check(spec, url);
    try {
      URI uri = new URI(url);
      boolean isWebSocket =
          "ws".equalsIgnoreCase(uri.getScheme()) || "wss".equalsIgnoreCase(uri.getScheme());
      if (!isWebSocket || uri.getHost() == null) {
        throw wrong("'" + url + "' is no address of a WebSocket, such as ws://127.0.0.1:8080/echo");
      }
      return LoadPlan.of(uri)
          .withMode(mode())
          .withConnections(connections, active())
          .withPayloadBytes(payload)
          .withModel(io, loops)
          .withInFlight(inFlight != null ? inFlight : rate == null ? 1 : 1024)
          .withRatePerSecond(rate == null ? 0 : rate)
          .withText(text)
          .withCompressed(compressed)
          .withTimes(millis(warmUp), millis(duration), millis(ramp))
          .withSources(sources)
          .withSeed(seed)
          .withServerPid(serverPid)
          .withPublishUri(publishUrl);
    } catch (URISyntaxException e) {
      throw wrong("'" + url + "' is no address: " + e.getReason());
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private static long millis(double seconds) {
    return Math.round(seconds * 1000);
  }

  private Mode mode() {
    return switch (mode.toLowerCase(Locale.ROOT)) {
      case "echo" -> Mode.ECHO;
      case "fan-out" -> Mode.FAN_OUT;
      case "idle" -> Mode.IDLE;
      default -> throw wrong("--mode is " + mode + "; there are: echo, fan-out, idle");
    };
  }

  private int active() {
    if (active == null) {
      return connections;
    }
    try {
      if (active.endsWith("%")) {
        double share = Double.parseDouble(active.substring(0, active.length() - 1)) / 100;
        return Math.max(1, (int) Math.round(connections * share));
      }
      return Integer.parseInt(active);
    } catch (NumberFormatException e) {
      throw wrong("--active is " + active + "; it must be a number, or a number with %");
    }
  }

  private ParameterException wrong(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
