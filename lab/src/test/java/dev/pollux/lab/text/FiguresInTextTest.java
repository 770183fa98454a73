package dev.pollux.lab.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.machine.Machine;
import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresInTextTest {

  private static Report report() {
    Notebook notebook = new Notebook();
    notebook.bars("median", "", Axis.linear("", "µs"));
    notebook.bar("median", "poll", 1234.4);
    notebook.figure("calls-poll", "", 2.25, "");
    notebook.plot("cost", "", Axis.log("", ""), Axis.log("", "µs"));
    notebook.point("cost", "poll", 1000, 79.24);
    notebook.point("cost", "epoll", 1000, 1.26);
    notebook.table("threads", "", "model", "what");
    notebook.row("threads", "poll", "1 × loop: poll");
    Entry entry =
        new Entry(
            "first",
            "The first",
            "?",
            "!",
            "",
            "",
            1,
            Entry.State.COMPLETE,
            Verdict.holds("because."),
            notebook.finding());
    return new Report(
        1,
        "0.1.0",
        "2026-11-24T22:00:00Z",
        1,
        Effort.TINY,
        false,
        new Machine("A processor", 2, 1, "Linux 6.18", "amd64", "A JVM 25", 1024),
        List.of("poll", "epoll"),
        Map.of(),
        List.of(entry));
  }

  @Test
  void aPlaceGetsARowForEachModelInItsOwnWords() {
    String text =
        """
        Before.

        <!-- lab
        모델 = model
        중앙값 = first/bar/median
        calls = first/figure/calls
        at 1,000 = first/plot/cost/1000
        threads = first/cell/threads/1
        -->
        old
        <!-- /lab -->

        After.
        """;
    String filled = FiguresInText.filled(text, report());
    assertEquals(
        """
        Before.

        <!-- lab
        모델 = model
        중앙값 = first/bar/median
        calls = first/figure/calls
        at 1,000 = first/plot/cost/1000
        threads = first/cell/threads/1
        -->

        | 모델 | 중앙값 | calls | at 1,000 | threads |
        |---|---|---|---|---|
        | `poll` | 1,234 | 2.25 | 79.2 | 1 × loop: poll |
        | `epoll` | – | – | 1.26 | – |

        <!-- /lab -->

        After.
        """,
        filled);
    assertEquals(filled, FiguresInText.filled(filled, report()), "a second time changes nothing");
  }

  @Test
  void aPlaceOfOneWordHoldsTheMachineOrTheVerdicts() {
    String filled =
        FiguresInText.filled(
            "<!-- lab machine -->\n<!-- /lab -->\n<!-- lab verdicts -->\n<!-- /lab -->\n",
            report());
    assertTrue(filled.contains("A processor × 2, Linux 6.18, amd64, A JVM 25"), filled);
    assertTrue(filled.contains("| The first | holds | because. |"), filled);
  }

  @Test
  void anExperimentThatWasNotMeasuredLeavesDashes() {
    String text = "<!-- lab\nm = model\nx = other/bar/median\n-->\n<!-- /lab -->\n";
    assertTrue(FiguresInText.filled(text, report()).contains("| `poll` | – |"));
  }

  @Test
  void whatIsNotUnderstoodIsNamed() {
    for (String line :
        List.of("x = first/bar", "x = first/pie/median", "x = first/plot/cost/ten")) {
      String text = "<!-- lab\n" + line + "\n-->\n<!-- /lab -->\n";
      String message =
          String.valueOf(
              assertThrows(
                      IllegalArgumentException.class, () -> FiguresInText.filled(text, report()))
                  .getMessage());
      assertTrue(message.contains(line.substring(4)), message);
    }
  }
}
