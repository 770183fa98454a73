package dev.pollux.lab.experiment;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.worker.Worker;
import dev.pollux.net.IoModel;
import dev.pollux.sys.FdSet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What happens at descriptor 1,024, under `select` and under the others, and whose limit it is.
public final class Wall implements Experiment {
  private static final int DEADLINE_MILLIS = 10_000;
  private static final String HELD = "held";
  private static final String CLIENTS = "clients";
  private static final String SERVED = "served";

  // Enough that every process runs over FD_SETSIZE, whatever it has open beside its clients.
  private static final int CLIENTS_THAT_COME = 1_200;

  @Override
  public String name() {
    return "wall";
  }

  @Override
  public String title() {
    return "The wall";
  }

  @Override
  public String question() {
    return "What happens to the client whose descriptor is 1,024, and whose limit is it?";
  }

  @Override
  public String claim() {
    return "select watches only descriptors below FD_SETSIZE; poll and epoll have no such limit.";
  }

  @Override
  public String method() {
    return "To a server of each model, not in the clients' process, come "
        + Numbers.text(CLIENTS_THAT_COME)
        + " clients, and it is counted who gets an echo. To a second server come one client early,"
        + " then, when all descriptors up to 1,024 are taken, a late one, and a third when they are"
        + " free again; what they get to hear is shown. At last the bare system call select is"
        + " given a set of 2,048 bits, as no C program has it from its headers, with a descriptor"
        + " above 1,024 in it.";
  }

  @Override
  public String rule() {
    return "Three parts: (1) under select fewer than 1,024 clients are served, and all of them"
        + " under poll and epoll; (2) under select nobody but the late client is refused; (3) the"
        + " kernel itself takes the larger set, so that the limit is the C library's.";
  }

  @Override
  public Duration estimate(Effort effort) {
    return Duration.ofSeconds(4);
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    notebook.bars(
        HELD,
        "Clients that are served, of " + Numbers.text(CLIENTS_THAT_COME),
        Axis.linear("clients", ""));
    notebook.table(
        CLIENTS,
        "What three clients get to hear",
        "model",
        "an early one",
        "at descriptor 1,024",
        "the early one afterwards",
        "when there is room again");
    List<IoModel> models = bench.models();
    try (EchoProcesses processes = EchoProcesses.inTurns(bench)) {
      bench.eachModel(
          notebook,
          (model, i) -> {
            bench.progress(
                model + ", " + Numbers.text(CLIENTS_THAT_COME) + " clients",
                (double) i / models.size());
            int held = processes.open(model).connect(0, CLIENTS_THAT_COME).held();
            notebook.bar(HELD, model.word(), held);
            bench.progress(model + ", three clients", (i + 0.5) / models.size());
            threeClients(processes.open(model), notebook);
          });
      bench.attempt(
          notebook, "the bare call", () -> theKernel(bench, processes.server(), notebook));
    }
  }

  private static void threeClients(Served served, Notebook notebook)
      throws IOException, InterruptedException {
    IoModel model = served.model();
    try (Socket early = client(served.port())) {
      String first = answer(early);
      served.server().tell("fill", Map.of("upTo", FdSet.FD_SETSIZE));
      String beyond;
      try (Socket late = client(served.port())) {
        beyond = answer(late);
      }
      String afterwards = answer(early);
      served.server().tell("free", null);
      String again;
      try (Socket third = client(served.port())) {
        again = answer(third);
      }
      notebook.row(CLIENTS, model.word(), first, beyond, afterwards, again);
      boolean onlyTheLateOne =
          first.equals(SERVED) && afterwards.equals(SERVED) && again.equals(SERVED);
      notebook.figure(
          "others-" + model.word(),
          "the other clients of " + model.word() + " are served: 1 for yes",
          onlyTheLateOne ? 1 : 0,
          "");
    }
  }

  private static Socket client(int port) throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    client.setSoTimeout(DEADLINE_MILLIS);
    return client;
  }

  /// `served`, or the words of the refusal.
  private static String answer(Socket client) {
    try {
      client.getOutputStream().write('?');
      int first = client.getInputStream().read();
      if (first == '?') {
        return SERVED;
      }
      if (first < 0) {
        return "closed without a word";
      }
      String rest = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return "refused: " + (char) first + rest;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void theKernel(Bench bench, Worker server, Notebook notebook)
      throws IOException, InterruptedException {
    bench.progress("the kernel's own select", 1);
    int found = server.ask("select-beyond", Map.of("above", FdSet.FD_SETSIZE), Integer.class);
    notebook.figure(
        "kernel-select",
        "descriptors above 1,024 that the kernel's select finds ready, of 1",
        found,
        "");
  }

  @Override
  public Verdict judge(Finding finding) {
    OptionalDouble select = finding.bar(HELD, "select");
    OptionalDouble poll = finding.bar(HELD, "poll");
    OptionalDouble epoll = finding.bar(HELD, "epoll");
    OptionalDouble others = finding.figure("others-select");
    OptionalDouble kernel = finding.figure("kernel-select");
    if (select.isEmpty()
        || poll.isEmpty()
        || epoll.isEmpty()
        || others.isEmpty()
        || kernel.isEmpty()) {
      return Verdict.notMeasured("select, poll and epoll are needed");
    }
    String sentence =
        "Of "
            + Numbers.text(CLIENTS_THAT_COME)
            + " clients select serves "
            + Numbers.text(select.getAsDouble())
            + ", poll "
            + Numbers.text(poll.getAsDouble())
            + " and epoll "
            + Numbers.text(epoll.getAsDouble())
            + "; under select "
            + (others.getAsDouble() == 1 ? "nobody else is harmed" : "others are harmed as well")
            + "; the kernel itself "
            + (kernel.getAsDouble() == 1 ? "takes" : "does not take")
            + " a larger set.";
    return Verdict.ofParts(
        sentence,
        select.getAsDouble() < FdSet.FD_SETSIZE
            && poll.getAsDouble() == CLIENTS_THAT_COME
            && epoll.getAsDouble() == CLIENTS_THAT_COME,
        others.getAsDouble() == 1,
        kernel.getAsDouble() == 1);
  }
}
