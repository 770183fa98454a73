package dev.pollux.bench;

import dev.pollux.bench.peer.PeerArguments;
import dev.pollux.lab.EarlyStop;
import dev.pollux.lab.Models;
import dev.pollux.lab.machine.Machine;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `pollux bench`: Pollux beside its peers in one interleaved run.
@Command(
    name = "pollux bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures Pollux beside other servers, in turns, on this machine: server CPU per message,"
          + " medians, ratios and how far they can be trusted.",
      "",
      "Each server runs in a process of its own on the first processor, with its defaults, as its"
          + " documentation shows; the load runs on the second and checks every byte. Measured is"
          + " in many short spans, so that what changes on the machine meets all servers alike.",
      "",
      "Ctrl-C ends it early and leaves a report of what was measured until then.",
      ""
    },
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured",
      "1:a server or the load failed; the report holds what was measured until then",
      "2:wrong usage",
      "69:this machine does not give what is needed (two processors, taskset, kill)",
      "130:interrupted; the report holds what was measured until then"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pollux bench --quick",
      "  pollux bench --all --out target/bench",
      "  pollux bench --servers c-epoll,epoll,io_uring --workloads W1,W2",
      "  pollux bench --servers c-epoll --with 'again=bench-report/c/echo_epoll 0'"
    })
public final class BenchCommand implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int UNAVAILABLE = 69;

  /// 128 and the number of SIGINT, as a shell tells it.
  private static final int INTERRUPTED = 130;

  private static final String IDLE = "W5";
  private static final String START = "start";

  @Option(
      names = "--quick",
      description =
          "Few short rounds, hardly warmed up, of W1 to W3 and start alone: three minutes.")
  private boolean quick;

  @Option(names = "--all", description = "Every peer, not only C and Netty.")
  private boolean all;

  @Option(
      names = "--servers",
      split = ",",
      paramLabel = "NAME",
      description = {
        "These servers; each may be followed by options of its JVM, to compare them:",
        "epoll,epoll@-XX:+UseCompactObjectHeaders"
      })
  private List<String> servers = List.of();

  @Option(
      names = "--with",
      paramLabel = "NAME=COMMAND",
      description = {
        "And this server, which prints a line with :PORT and echoes at /echo. May be given often.",
        "The first server once more, by its command, shows the noise."
      })
  private List<String> given = List.of();

  @Option(
      names = "--workloads",
      split = ",",
      paramLabel = "NAME",
      description =
          "These workloads: W1, W2, W3, W4, W5, W6, W7, text, tls, deflate, start. W7 is W7-1,"
              + " W7-100, W7-5000 and W7-rooms; W7-burst is run by its name alone.")
  private List<String> workloads = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "Rounds of each workload. Default: 40 of W1 to W3 and text, 2 of W5, 32 of the others.")
  private int rounds;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description = "Load on each server before each workload's rounds. Default: 8, 3 if --quick.")
  private int warmUpSeconds;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where bench.md, bench.json and servers.log go. Default: ${DEFAULT-VALUE}")
  private Path out = Path.of("bench-report");

  @Option(names = "--json", description = "Write JSON to standard output instead of Markdown.")
  private boolean json;

  @Option(names = "--list", description = "List servers and workloads, and exit.")
  private boolean list;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  /// Runs the benchmark and ends the process.
  public static void main(String... arguments) {
    System.exit(new CommandLine(new BenchCommand()).setUsageHelpWidth(100).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter words = spec.commandLine().getOut();
    try {
      requireNatural("--rounds", rounds);
      requireNatural("--warm-up", warmUpSeconds);
      Files.createDirectories(out);
      Path keystore = out.resolve("keystore.p12").toAbsolutePath();
      Certificate.writeTo(keystore, PeerArguments.PASSWORD);
      Contestants contestants = new Contestants(workingModels(), keystore);
      CReference.addTo(contestants, sources("c"), out.resolve("c"), err::println);
      BunPeer.addTo(contestants, sources("js"), err::println);
      List<Contestant> chosen = chosen(contestants);
      List<Workload> asked = askedWorkloads();
      if (list) {
        contestants.names().forEach(name -> words.println("server    " + name));
        Workload.ALL.forEach(w -> words.println("workload  " + w.name() + "  " + w.meaning()));
        words.println("workload  W5  memory per idle connection");
        words.println("workload  start  from the start of the process to the first answer");
        return 0;
      }
      if (Runtime.getRuntime().availableProcessors() < 2) {
        err.println("pollux bench: needs two processors: one for the server, one for the load");
        return UNAVAILABLE;
      }
      boolean idle = wants(IDLE) && !(quick && workloads.isEmpty());
      return run(
          new BenchRun.Plan(chosen, asked, idle, wants(START), quick, rounds, warmUpSeconds));
    } catch (IllegalArgumentException e) {
      err.println("pollux bench: " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    } catch (IOException e) {
      err.println("pollux bench: " + e.getMessage());
      return FAILED;
    }
  }

  private void requireNatural(String option, int value) {
    if (spec.commandLine().getParseResult().hasMatchedOption(option) && value < 1) {
      throw new IllegalArgumentException(option + " is " + value + "; the least is 1");
    }
  }

  /// Runs it and writes the report, of a run that was stopped as well.
  private int run(BenchRun.Plan plan) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter words = spec.commandLine().getOut();
    long begin = System.nanoTime();
    try (EarlyStop stop = EarlyStop.atShutdown()) {
      BenchRun run = new BenchRun(plan, out.resolve("servers.log"), what -> tell(err, begin, what));
      BenchReport report = run.run(stop);
      Stopped stopped = report.stopped();
      if (stopped != null) {
        err.println("pollux bench: " + stopped.sentence());
      }
      if (run.isEmpty()) {
        err.println("nothing was measured, nothing is written");
      } else {
        String table = heading(report) + MarkdownTable.of(report, plan.workloads());
        Files.writeString(out.resolve("bench.json"), report.json());
        Files.writeString(out.resolve("bench.md"), table);
        words.print(json ? report.json() : table);
        err.println("written to " + out.resolve("bench.md") + " and bench.json");
      }
      words.flush();
      err.flush();
      return stopped == null ? 0 : stop.isStopped() ? INTERRUPTED : FAILED;
    }
  }

  private List<Contestant> chosen(Contestants contestants) {
    List<Contestant> chosen = new ArrayList<>(ofNames(contestants));
    given.forEach(command -> chosen.add(contestants.given(command)));
    return chosen;
  }

  private List<Contestant> ofNames(Contestants contestants) {
    if (!servers.isEmpty()) {
      return contestants.named(servers);
    }
    return all ? contestants.everyPeer() : contestants.standard();
  }

  private boolean wants(String workload) {
    return workloads.isEmpty() || workloads.contains(workload);
  }

  private List<Workload> askedWorkloads() {
    List<String> names = Workload.ALL.stream().map(Workload::name).toList();
    for (String name : workloads) {
      if (Workload.ALL.stream().noneMatch(workload -> workload.isMeantBy(name))
          && !name.equals(IDLE)
          && !name.equals(START)) {
        throw new IllegalArgumentException(
            "no workload '"
                + name
                + "'; there are: "
                + String.join(", ", names)
                + ", "
                + IDLE
                + ", "
                + START);
      }
    }
    return Workload.ALL.stream()
        .filter(workload ->
            workloads.isEmpty()
                ? workload.isUsual() && (!quick || workload.isMain())
                : workloads.stream().anyMatch(workload::isMeantBy)
                    || Workload.ALL.stream()
                        .anyMatch(other ->
                            workloads.contains(other.name())
                                && other.control().equals(Optional.of(workload.name()))))
        .toList();
  }

  private static List<IoModel> workingModels() {
    return Models.tried(List.of(IoModel.values())).working();
  }

  private static Path sources(String folder) {
    return Path.of(System.getProperty("pollux.home", ".")).resolve("bench").resolve(folder);
  }

  private static void tell(PrintWriter err, long begin, String what) {
    long seconds = (System.nanoTime() - begin) / 1_000_000_000L;
    err.printf("%3d:%02d  %s%n", seconds / 60, seconds % 60, what);
    err.flush();
  }

  private static String heading(BenchReport report) {
    Machine machine = report.machine();
    StringBuilder text = new StringBuilder();
    text.append("Measured on ").append(report.date()).append(" at commit ");
    text.append(report.commit(), 0, Math.min(12, report.commit().length())).append(": ");
    text.append(machine.processor()).append(", ").append(machine.processors());
    text.append(" processors, ").append(machine.kernel()).append(", ").append(machine.jvm());
    text.append(", each JVM with ").append(Contestants.jvmFlags()).append(".\n");
    text.append(
        "Server on one processor, load on another, in many short spans by turns; medians. A ratio"
            + " is the median of the ratios of two spans of the same round, to the first server"
            + " unless the title says otherwise; beside it is the interval in which it lies with a"
            + " confidence of 95 %.\n"
            + "Peers are run with their defaults, as their documentation shows, untuned: ");
    text.append(
        String.join(
            ", ",
            report.versions().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .toList()));
    text.append(".\n");
    Stopped stopped = report.stopped();
    if (stopped != null) {
      text.append(stopped.sentence()).append('\n');
    }
    text.append("Each server was warmed up for ")
        .append(report.warmUpMillis() / 1_000)
        .append(" s before each workload.\n");
    if (report.quick()) {
      text.append("A quick run: JVMs were not warmed up as they should be.\n");
    }
    return text.toString();
  }
}
