package dev.pollux.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pollux.lab.machine.ProcessFigures;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A server in a process of its own, on the first processor.
///
/// While it is not its turn it is stopped (`SIGSTOP`), so that a background thread or a loop that
/// spins disturbs nobody.
final class ContestantProcess implements AutoCloseable {
  private static final long START_SECONDS = 60;
  private static final long END_SECONDS = 5;
  private static final Pattern PORT = Pattern.compile("(?:port |:)(\\d+)");

  private final String name;
  private final Process process;
  private final int port;

  private ContestantProcess(String name, Process process, int port) {
    this.name = name;
    this.process = process;
    this.port = port;
  }

  /// Starts a server, waits until it says its port, and stops it until [#resume].
  ///
  /// @param log takes what it writes on standard error
  /// @throws IOException if it ends, or says nothing, instead
  static ContestantProcess start(Contestant contestant, Workload.Variant variant, Path log)
      throws IOException, InterruptedException {
    ContestantProcess started = start(contestant.title(), contestant.command(variant), log);
    try {
      started.suspend();
      return started;
    } catch (IOException | InterruptedException e) {
      started.close();
      throw e;
    }
  }

  /// Starts a server, without a heap that is touched beforehand, and waits until it says its port.
  ///
  /// @param log takes what it writes on standard error
  /// @throws IOException if it ends, or says nothing, instead
  static ContestantProcess startAtOnce(Contestant contestant, Path log)
      throws IOException, InterruptedException {
    return start(contestant.title(), contestant.startCommand(), log);
  }

  private static ContestantProcess start(String title, List<String> words, Path log)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", "0"));
    command.addAll(words);
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    CompletableFuture<@Nullable Integer> port =
        CompletableFuture.supplyAsync(() -> portIn(process.inputReader(UTF_8)));
    try {
      Integer found = port.get(START_SECONDS, TimeUnit.SECONDS);
      if (found == null) {
        throw new IOException(title + " ended at its start; see " + log);
      }
      return new ContestantProcess(title, process, found);
    } catch (TimeoutException | ExecutionException e) {
      process.destroyForcibly();
      throw new IOException(title + " said no port; see " + log, e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static @Nullable Integer portIn(BufferedReader lines) {
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher matcher = PORT.matcher(line);
        if (matcher.find()) {
          return Integer.valueOf(matcher.group(1));
        }
      }
    } catch (IOException e) {
      // As if it had said nothing.
    }
    return null;
  }

  String name() {
    return name;
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  /// What it has used so far.
  ///
  /// @throws IOException if it has ended
  ProcessFigures figures() throws IOException {
    return ProcessFigures.of(process.pid());
  }

  void suspend() throws IOException, InterruptedException {
    signal("STOP");
  }

  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    int exit =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
            .redirectErrorStream(true)
            .start()
            .waitFor();
    if (exit != 0) {
      throw new IOException(name + " (process " + process.pid() + ") has ended");
    }
  }

  /// Ends them all at the same time.
  static void closeAll(List<ContestantProcess> processes) {
    processes.forEach(ContestantProcess::end);
    processes.forEach(ContestantProcess::close);
  }

  /// Ends it, if need be by force after five seconds.
  @Override
  public void close() {
    end();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /// Tells it to end; while it is stopped it does not hear that.
  private void end() {
    try {
      process.destroy();
      if (process.isAlive()) {
        resume();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
