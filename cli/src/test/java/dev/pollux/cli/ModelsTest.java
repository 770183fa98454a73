package dev.pollux.cli;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.cli.ModelsCommand.Probe;
import dev.pollux.net.IoModel;
import dev.pollux.sys.LinuxRing;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

final class ModelsTest {
  private static final List<Probe> ONE_OF_EACH =
      List.of(new Probe(IoModel.POLL, null), new Probe(IoModel.EPOLL_ET, "no such call"));

  @Test
  void everyModelIsListedAndWorksHereUnlessTheKernelRefusesIt() {
    Invocation models = Invocation.of("models");
    assertEquals(0, models.exitCode());
    assertEquals("", models.err());
    List<String> lines = models.out().lines().toList();
    assertEquals(IoModel.values().length + 1, lines.size());
    for (IoModel model : IoModel.values()) {
      String line = lines.stream().filter(it -> it.startsWith(model + " ")).findFirst().get();
      String why = whyNot(model);
      if (why == null) {
        assertTrue(line.matches(model.word() + " +yes +\\S.*"), line);
      } else {
        assertTrue(line.matches(model.word() + " +no +\\S.*") && line.contains(why), line);
      }
    }
  }

  /// The one model that a kernel may refuse.
  private static @Nullable String whyNot(IoModel model) {
    return model == IoModel.IO_URING ? LinuxRing.whyUnavailable() : null;
  }

  @Test
  void theTableIsAlignedAndSaysWhyAModelDoesNotWork() {
    assertEquals(
        List.of(
            "MODEL     HERE  WHAT IT IS",
            "poll      yes   " + IoModel.POLL.summary(),
            "epoll-et  no    " + IoModel.EPOLL_ET.summary() + "; not here: no such call"),
        ModelsCommand.table(ONE_OF_EACH, Ansi.OFF));
  }

  @Test
  void coloursAreWrittenOnDemandOnly() {
    assertTrue(Invocation.of("models", "--color", "always").out().contains("\u001b["));
    assertFalse(Invocation.of("models", "--color", "never").out().contains("\u001b["));
    assertFalse(Invocation.of("models").out().contains("\u001b["));
  }

  @Test
  void jsonSaysTheSame() {
    List<?> models = modelsOf(Invocation.of("models", "--json").out().strip());
    assertEquals(
        Arrays.stream(IoModel.values()).map(IoModel::word).toList(),
        models.stream().map(each -> ((Map<?, ?>) each).get("model")).toList());
    for (Object each : models) {
      Map<?, ?> model = (Map<?, ?>) each;
      String why = whyNot(IoModel.of((String) requireNonNull(model.get("model"))));
      assertEquals(why == null, model.get("works"), model::toString);
      assertTrue(
          why == null || String.valueOf(model.get("problem")).contains(why), model::toString);
    }
  }

  @Test
  void jsonSaysWhyAModelDoesNotWork() {
    List<?> models = modelsOf(ModelsCommand.json(ONE_OF_EACH));
    assertEquals(
        Map.of(
            "model",
            "epoll-et",
            "summary",
            IoModel.EPOLL_ET.summary(),
            "works",
            false,
            "problem",
            "no such call"),
        models.get(1));
  }

  private static List<?> modelsOf(String json) {
    return (List<?>) requireNonNull(JsonReader.object(json).get("models"));
  }
}
