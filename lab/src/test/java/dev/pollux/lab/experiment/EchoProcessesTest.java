package dev.pollux.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Progress;
import dev.pollux.net.IoModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which servers share a process, and that each begins without the clients of the one before.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EchoProcessesTest {
  private static final int CLIENTS = 20;

  private final Bench bench =
      new Bench(Effort.TINY, List.of(IoModel.POLL, IoModel.EPOLL), Progress.NONE);

  @AfterEach
  void endTheProcesses() {
    bench.close();
  }

  @Test
  void serversThatTakeTurnsShareAProcessAndNothingElse() throws Exception {
    try (EchoProcesses processes = EchoProcesses.inTurns(bench)) {
      Served poll = processes.open(IoModel.POLL);
      assertEquals(CLIENTS, poll.connect(0, CLIENTS).held());
      poll.exchange(1, 20);
      Served epoll = processes.open(IoModel.EPOLL);
      assertEquals(poll.server().pid(), epoll.server().pid());
      assertEquals(poll.clients().pid(), epoll.clients().pid());
      EchoServer.Counts fresh = epoll.counts();
      assertEquals(0, fresh.messages());
      assertEquals(0, fresh.accepted());
      assertFalse(fresh.calls().containsKey("poll"), fresh::toString);
      assertEquals(CLIENTS, epoll.connect(0, CLIENTS).held());
      assertTrue(epoll.sample(1, 20).exchanged().messages() > 0);
    }
  }

  @Test
  void serversOfTheirOwnShareTheirClientsOnly() throws Exception {
    try (EchoProcesses processes = EchoProcesses.ofTheirOwn(bench)) {
      Served poll = processes.open(IoModel.POLL);
      Served epoll = processes.open(IoModel.EPOLL);
      assertNotEquals(poll.server().pid(), epoll.server().pid());
      assertEquals(poll.clients().pid(), epoll.clients().pid());
      assertFalse(ProcessHandle.of(poll.server().pid()).map(ProcessHandle::isAlive).orElse(false));
      assertEquals(CLIENTS, epoll.connect(0, CLIENTS).held());
    }
  }

  @Test
  void whereThereIsNoTimeForAProcessEachTheNotebookSaysSo() throws Exception {
    Notebook notebook = new Notebook();
    try (EchoProcesses processes = EchoProcesses.timed(bench, notebook)) {
      long pid = processes.open(IoModel.POLL).server().pid();
      assertEquals(pid, processes.open(IoModel.EPOLL).server().pid());
      assertEquals(1, notebook.finding().remarks().size());
    }
  }

  @Test
  void aServerIsBoundToAProcessorWhenItIsOpen() throws Exception {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "there is one processor only");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/taskset")), "there is no taskset");
    try (EchoProcesses processes = EchoProcesses.ofTheirOwn(bench)) {
      long pid = processes.open(IoModel.EPOLL).server().pid();
      try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
        for (Path task : tasks.toList()) {
          String status = Files.readString(task.resolve("status"));
          assertTrue(status.contains("Cpus_allowed_list:\t0\n"), status);
        }
      }
    }
  }

  @Test
  void aThreadForEachClientHasItsMemory() throws Exception {
    int threads = 2_500;
    try (EchoProcesses processes = EchoProcesses.inTurns(bench)) {
      assertEquals(threads, processes.open(IoModel.BLOCKING).connect(0, threads).held());
    }
  }
}
