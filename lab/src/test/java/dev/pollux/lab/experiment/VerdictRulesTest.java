package dev.pollux.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.Verdict.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The rules, with figures that hold and with figures that do not.
class VerdictRulesTest {
  private static final Axis ANY = Axis.linear("", "");

  @ParameterizedTest
  @MethodSource("dev.pollux.lab.experiment.Experiments#all")
  void withoutFiguresNothingIsSaid(Experiment experiment) {
    assertEquals(Outcome.NOT_MEASURED, experiment.judge(new Notebook().finding()).outcome());
  }

  @ParameterizedTest
  @CsvSource({
    // most watched, growth of epoll, of poll, of select; an event under epoll and under poll
    "9900, 2.2,  220,  10,   2.6, 1694, HOLDS",
    "9900, 2.99, 24.8, 2.5,  2.6, 26,   HOLDS",
    "9900, 3.0,  220,  10,   2.6, 1694, HOLDS_IN_PART",
    "9900, 2.2,  24.7, 10,   2.6, 1694, HOLDS_IN_PART",
    "9900, 2.2,  220,  2.4,  2.6, 1694, HOLDS_IN_PART",
    "9900, 2.2,  220,  10,   2.6, 25.9, HOLDS_IN_PART",
    "9900, 99,   1.1,  1.1,  2.6, 2.6,  DOES_NOT_HOLD_HERE",
  })
  void descriptors(
      double most,
      double epoll,
      double poll,
      double select,
      double epollEvent,
      double pollEvent,
      Outcome expected) {
    Notebook notebook = new Notebook();
    notebook.figure("most-watched", "", most, "");
    notebook.figure("growth-epoll", "", epoll, "times");
    notebook.figure("growth-poll", "", poll, "times");
    notebook.figure("growth-select", "", select, "times");
    notebook.figure("event-epoll", "", epollEvent, "µs");
    notebook.figure("event-poll", "", pollEvent, "µs");
    assertEquals(expected, new DescriptorCost().judge(notebook.finding()).outcome());
  }

  @ParameterizedTest
  @CsvSource({
    "0.67, 0.67, 0.75, With 10 watched and all of them ready epoll is the dearest",
    "0.67, 0.80, 0.75, With 10 watched and all of them ready it is",
  })
  void whereSelectAndPollWinIsSaidFromTheFigures(
      double select, double poll, double epoll, String words) {
    Notebook notebook = new Notebook();
    notebook.figure("most-watched", "", 9_900, "");
    notebook.figure("growth-epoll", "", 2, "times");
    notebook.figure("growth-poll", "", 220, "times");
    notebook.figure("growth-select", "", 10, "times");
    notebook.figure("event-epoll", "", 2.6, "µs");
    notebook.figure("event-poll", "", 1_694, "µs");
    notebook.figure("small-select", "", select, "µs");
    notebook.figure("small-poll", "", poll, "µs");
    notebook.figure("small-epoll", "", epoll, "µs");
    String sentence = new DescriptorCost().judge(notebook.finding()).sentence();
    assertTrue(sentence.contains(words), sentence);
    assertTrue(sentence.contains("grows 2 times under epoll and 220 times under poll"), sentence);
  }

  @ParameterizedTest
  @CsvSource({
    // clients that select, poll and epoll serve; whether the others are served; the kernel's select
    "1010, 1200, 1200, 1, 1, HOLDS",
    "1200, 1200, 1200, 1, 1, HOLDS_IN_PART",
    "1010, 1010, 1200, 1, 1, HOLDS_IN_PART",
    "1010, 1200, 1200, 0, 1, HOLDS_IN_PART",
    "1010, 1200, 1200, 1, 0, HOLDS_IN_PART",
    "1200, 1010, 1200, 0, 0, DOES_NOT_HOLD_HERE",
  })
  void wall(
      double select, double poll, double epoll, double others, double kernel, Outcome expected) {
    Notebook notebook = new Notebook();
    notebook.bars("held", "", ANY);
    notebook.bar("held", "select", select);
    notebook.bar("held", "poll", poll);
    notebook.bar("held", "epoll", epoll);
    notebook.figure("others-select", "", others, "");
    notebook.figure("kernel-select", "", kernel, "");
    assertEquals(expected, new Wall().judge(notebook.finding()).outcome());
  }

  @ParameterizedTest
  @CsvSource({
    // CPU of nonblocking and of epoll in %; attempts of nonblocking and of epoll; 1,000 connections
    "99, 0.3, 1002, 1.1, HOLDS",
    "50, 5,   250,  2.5, HOLDS",
    "49, 0.3, 1002, 1.1, HOLDS_IN_PART",
    "99, 5.1, 1002, 1.1, HOLDS_IN_PART",
    "99, 0.3, 249,  1.1, HOLDS_IN_PART",
    "99, 0.3, 1002, 2.6, HOLDS_IN_PART",
    "1,  99,  1.0,  900, DOES_NOT_HOLD_HERE",
  })
  void busy(double burned, double calm, double tried, double triedByEpoll, Outcome expected) {
    Notebook notebook = new Notebook();
    notebook.plot("idle-cpu", "", ANY, ANY);
    notebook.plot("attempts", "", ANY, ANY);
    notebook.point("idle-cpu", "nonblocking", 1_000, burned);
    notebook.point("idle-cpu", "epoll", 1_000, calm);
    notebook.point("attempts", "nonblocking", 1_000, tried);
    notebook.point("attempts", "epoll", 1_000, triedByEpoll);
    assertEquals(expected, new BusyWaiting().judge(notebook.finding()).outcome());
  }

  @ParameterizedTest
  @CsvSource({
    // threads for a client under blocking and epoll; KiB for a client; switches for a message
    "1,    0,    90, 1,  1,    0.02, HOLDS",
    "0.95, 0.02, 2,  1,  0.04, 0.02, HOLDS",
    "0.94, 0,    90, 1,  1,    0.02, HOLDS_IN_PART",
    "1,    0.03, 90, 1,  1,    0.02, HOLDS_IN_PART",
    "1,    0,    1,  1,  1,    0.02, HOLDS_IN_PART",
    "1,    0,    90, 1,  1,    0.9,  HOLDS_IN_PART",
    "0,    1,    1,  90, 0.02, 1,    DOES_NOT_HOLD_HERE",
  })
  void threads(
      double threads,
      double threadsOfEpoll,
      double memory,
      double memoryOfEpoll,
      double switches,
      double switchesOfEpoll,
      Outcome expected) {
    Notebook notebook = new Notebook();
    notebook.figure("threads-blocking", "", threads, "");
    notebook.figure("threads-epoll", "", threadsOfEpoll, "");
    notebook.figure("memory-blocking", "", memory, "KiB");
    notebook.figure("memory-epoll", "", memoryOfEpoll, "KiB");
    notebook.bars("switches", "", ANY);
    notebook.bar("switches", "blocking", switches);
    notebook.bar("switches", "epoll", switchesOfEpoll);
    assertEquals(expected, new ThreadPerClient().judge(notebook.finding()).outcome());
  }

  @ParameterizedTest
  @CsvSource({
    // bytes for a wait with 100 connections under poll, select and epoll; epoll_ctl for a message
    "816, 64,  0, 0,    HOLDS",
    "800, 25,  0, 0.009, HOLDS",
    "799, 64,  0, 0,    HOLDS_IN_PART",
    "816, 24,  0, 0,    HOLDS_IN_PART",
    "816, 64,  8, 0,    HOLDS_IN_PART",
    "816, 64,  0, 0.01, HOLDS_IN_PART",
    "8,   8, 800, 1,    DOES_NOT_HOLD_HERE",
  })
  void copied(double poll, double select, double epoll, double ctl, Outcome expected) {
    Notebook notebook = new Notebook();
    notebook.plot("bytes-per-wait", "", ANY, ANY);
    notebook.point("bytes-per-wait", "poll", 100, poll);
    notebook.point("bytes-per-wait", "select", 100, select);
    notebook.point("bytes-per-wait", "epoll", 100, epoll);
    notebook.figure("ctl-epoll", "", ctl, "");
    assertEquals(expected, new Copied().judge(notebook.finding()).outcome());
  }

  @Test
  void theOutcomeOfPartsIsHowManyHold() {
    assertEquals(Outcome.HOLDS, Verdict.ofParts("", true, true).outcome());
    assertEquals(Outcome.HOLDS_IN_PART, Verdict.ofParts("", true, false).outcome());
    assertEquals(Outcome.DOES_NOT_HOLD_HERE, Verdict.ofParts("", false, false).outcome());
  }
}
