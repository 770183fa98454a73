package dev.pollux.lab.experiment;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Notebook;
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

/// What happens at descriptor 1,024.
public final class Wall implements Experiment {
  private static final int MILLIS = 10_000;

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
    return "What happens to the client whose descriptor is 1,024, under select and under the"
        + " others?";
  }

  @Override
  public String claim() {
    return "select can watch only descriptors below FD_SETSIZE, and the others have no such limit.";
  }

  @Override
  public String method() {
    return "A server of each model, in a process of its own.";
  }

  @Override
  public String rule() {
    return "Holds if select refuses the client at descriptor 1,024 and every other model serves"
        + " it.";
  }

  @Override
  public Duration estimate(Effort effort) {
    return Duration.ofSeconds(5);
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    notebook.bars("beyond", "The client at descriptor 1,024 is served", Axis.linear("served", ""));
    List<IoModel> models = bench.models();
    for (int i = 0; i < models.size(); i++) {
      IoModel model = models.get(i);
      bench.progress(model.word(), (double) i / models.size());
      try (Worker server = bench.start(EchoServer.class)) {
        int port =
            server
                .ask("open", Map.of("model", model.word(), "loops", 1), EchoServer.Opened.class)
                .port();
        server.tell("fill", Map.of("upTo", FdSet.FD_SETSIZE));
        notebook.bar("beyond", model.word(), isServed(port) ? 1 : 0);
      }
    }
  }

  private static boolean isServed(int port) throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.setSoTimeout(MILLIS);
      client.getOutputStream().write('?');
      byte[] answer = client.getInputStream().readNBytes(1);
      return new String(answer, StandardCharsets.US_ASCII).equals("?");
    }
  }

  @Override
  public Verdict judge(Finding finding) {
    OptionalDouble select = finding.bar("beyond", IoModel.SELECT.word());
    if (select.isEmpty()) {
      return Verdict.notMeasured("select was not measured");
    }
    return Verdict.ofParts("select refuses it", select.getAsDouble() == 0);
  }
}
