package dev.pollux.lab.experiment;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.machine.ProcessFigures;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;

/// What a thread for each client costs, against one loop for all of them.
public final class ThreadPerClient implements Experiment {
  private static final String THREADS = "threads";
  private static final String MEMORY = "memory";
  private static final String SWITCHES = "switches";
  private static final String CPU = "cpu";
  private static final String BLOCKING = IoModel.BLOCKING.word();
  private static final String EPOLL = IoModel.EPOLL.word();

  private static final double LEAST_THREADS_PER_CLIENT = 0.95;
  private static final double MOST_THREADS_OF_A_LOOP = 0.02;
  private static final double LEAST_RATIO = 2;

  @Override
  public String name() {
    return "threads";
  }

  @Override
  public String title() {
    return "A thread per client";
  }

  @Override
  public String question() {
    return "What does a thread for each client cost in threads, memory and context switches?";
  }

  @Override
  public String claim() {
    return "Blocking I/O needs a thread for each client, with a stack and a context switch each;"
        + " multiplexing serves them all with one.";
  }

  @Override
  public String method() {
    return "A server of each model with one loop, bound to one processor, holds N connections;"
        + " every client has sent a message and got it back. Shown are the threads of its process,"
        + " and the memory that has become resident since it held none (stacks and what is"
        + " allocated outside the heap, whose size is fixed and touched from the start). Then 100"
        + " clients at a time send 64 bytes each and wait for the echo, again and again: shown is"
        + " how often a thread of the server gave up its processor to wait, for each message"
        + " (voluntary context switches, from /proc), and the CPU time for each message.";
  }

  @Override
  public String rule() {
    return "Four parts, from no connection to the most: (1) under blocking at least "
        + Numbers.text(LEAST_THREADS_PER_CLIENT)
        + " threads are added for each client; (2) under every model with loops at most "
        + Numbers.text(MOST_THREADS_OF_A_LOOP)
        + "; (3) a client takes at least "
        + Numbers.text(LEAST_RATIO)
        + " times as much memory under blocking as under epoll; (4) so does a message in context"
        + " switches.";
  }

  @Override
  public Duration estimate(Effort effort) {
    return switch (effort) {
      case TINY -> Duration.ofSeconds(8);
      case QUICK -> Duration.ofSeconds(11);
      case FULL -> Duration.ofSeconds(55);
    };
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    Axis connections = Axis.linear("connections", "");
    notebook.plot(THREADS, "Threads of the server", connections, Axis.linear("threads", ""));
    notebook.plot(
        MEMORY, "Memory that the connections take", connections, Axis.linear("resident", "MiB"));
    notebook.bars(
        SWITCHES, "Waits of the server's threads for a message", Axis.log("context switches", ""));
    notebook.bars(CPU, "Server CPU for a message", Axis.linear("CPU time", "µs"));
    List<Integer> sizes =
        bench.pick(List.of(20, 50), List.of(250, 1_000), List.of(500, 1_000, 2_000, 4_000));
    try (EchoProcesses processes = EchoProcesses.ofTheirOwn(bench)) {
      bench.eachModel(
          notebook,
          (model, index) -> measure(bench, notebook, processes.open(model), sizes, index));
    }
  }

  private static void measure(
      Bench bench, Notebook notebook, Served served, List<Integer> sizes, int index)
      throws IOException, InterruptedException {
    String word = served.model().word();
    double share = 1.0 / bench.models().size();
    // What the first connections load and compile is no cost of theirs.
    int have = served.connect(0, 10).held();
    served.exchange(have, bench.pick(50, 50, 1_500));
    ProcessFigures before = served.figures();
    notebook.point(THREADS, word, 0, before.threads());
    notebook.point(MEMORY, word, 0, 0);
    int first = have;
    for (int s = 0; s < sizes.size(); s++) {
      int wanted = first + sizes.get(s);
      bench.progress(
          word + ", " + Numbers.text(sizes.get(s)) + " connections",
          share * (index + 0.8 * s / sizes.size()));
      have = served.connect(have, wanted).held();
      ProcessFigures now = served.figures();
      notebook.point(THREADS, word, have - first, now.threads());
      notebook.point(
          MEMORY,
          word,
          have - first,
          Math.max(0, now.residentBytes() - before.residentBytes()) / 1048576.0);
      if (have < wanted) {
        notebook.remark(
            word + " held " + Numbers.text(have) + " of " + Numbers.text(wanted) + " connections.");
        break;
      }
    }
    ProcessFigures full = served.figures();
    notebook.figure(
        "threads-" + word,
        "threads for each client under " + word,
        (double) (full.threads() - before.threads()) / (have - first),
        "");
    notebook.figure(
        "memory-" + word,
        "resident memory for each client under " + word,
        // Less than before: it has given back more than the clients took.
        Math.max(0, full.residentBytes() - before.residentBytes()) / 1024.0 / (have - first),
        "KiB");
    bench.progress(word + ", 100 clients talk", share * (index + 0.8));
    int active = Math.min(100, have);
    served.exchange(active, bench.pick(50, 50, 1_000));
    Served.Sample sample = served.sample(active, bench.pick(100, 200, 1_500));
    notebook.bar(SWITCHES, word, (double) sample.used().waits() / sample.exchanged().messages());
    notebook.bar(CPU, word, sample.cpuMicrosPerMessage());
  }

  @Override
  public Verdict judge(Finding finding) {
    OptionalDouble threads = finding.figure("threads-" + BLOCKING);
    OptionalDouble loops =
        finding.figures().stream()
            .filter(figure -> figure.id().startsWith("threads-"))
            .filter(figure -> usesLoops(figure.id().substring("threads-".length())))
            .mapToDouble(figure -> figure.value())
            .max();
    OptionalDouble memory = finding.figure("memory-" + BLOCKING);
    OptionalDouble memoryOfEpoll = finding.figure("memory-" + EPOLL);
    OptionalDouble switches = finding.bar(SWITCHES, BLOCKING);
    OptionalDouble switchesOfEpoll = finding.bar(SWITCHES, EPOLL);
    if (threads.isEmpty()
        || loops.isEmpty()
        || memory.isEmpty()
        || memoryOfEpoll.isEmpty()
        || switches.isEmpty()
        || switchesOfEpoll.isEmpty()) {
      return Verdict.notMeasured("blocking and epoll are needed");
    }
    String sentence =
        "A client takes "
            + Numbers.text(threads.getAsDouble())
            + " thread and "
            + Numbers.text(memory.getAsDouble(), "KiB")
            + " under blocking, "
            + Numbers.text(memoryOfEpoll.getAsDouble(), "KiB")
            + " and no thread under epoll (at most "
            + Numbers.text(loops.getAsDouble())
            + " under any model with loops); a message takes "
            + Numbers.text(switches.getAsDouble())
            + " context switches under blocking and "
            + Numbers.text(switchesOfEpoll.getAsDouble())
            + " under epoll.";
    return Verdict.ofParts(
        sentence,
        threads.getAsDouble() >= LEAST_THREADS_PER_CLIENT,
        loops.getAsDouble() <= MOST_THREADS_OF_A_LOOP,
        memory.getAsDouble() >= LEAST_RATIO * memoryOfEpoll.getAsDouble(),
        switches.getAsDouble() >= LEAST_RATIO * switchesOfEpoll.getAsDouble());
  }

  private static boolean usesLoops(String word) {
    return IoModel.of(word).usesLoops();
  }
}
