package dev.pollux.lab.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A process that does one [Job] for the lab, with the class path and the JVM of this one.
///
/// Orders go to its standard input and answers come from its standard output, a line of JSON each.
/// What it says on standard error is kept for the message of a failure. Any thread may ask; the
/// orders are carried out one after the other.
public final class Worker implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KEPT_ERROR_LINES = 20;
  private static final Path TASKSET = Path.of("/usr/bin/taskset");

  private final JsonMapper json = new JsonMapper();
  private final String name;
  private final Process process;
  private final BufferedWriter orders;
  private final Deque<CompletableFuture<JsonNode>> pending = new ArrayDeque<>();
  private final Deque<String> errors = new ArrayDeque<>();
  private final Thread errorReader;
  private boolean ended;

  private Worker(String name, Process process) {
    this.name = name;
    this.process = process;
    this.orders = process.outputWriter(UTF_8);
    this.errorReader = Thread.ofVirtual().name("errors of " + name).start(this::readErrors);
    Thread.ofVirtual().name("answers of " + name).start(this::readAnswers);
  }

  /// Starts a process for a job.
  ///
  /// @throws IOException if there can be no process
  public static Worker start(Class<? extends Job> job, WorkerOptions options) throws IOException {
    List<String> command = new ArrayList<>();
    if (options.core() >= 0
        && options.core() < Runtime.getRuntime().availableProcessors()
        && Files.isExecutable(TASKSET)) {
      command.addAll(List.of(TASKSET.toString(), "-c", Integer.toString(options.core())));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            // Surefire may hide the class path in a jar of its own.
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
    command.addAll(options.jvmArguments());
    command.add(WorkerProcess.class.getName());
    command.add(job.getName());
    command.add(Long.toString(options.deadline().toSeconds()));
    return new Worker(job.getSimpleName(), new ProcessBuilder(command).start());
  }

  /// The process.
  public long pid() {
    return process.pid();
  }

  /// Gives an order and waits for the answer, at most a minute.
  ///
  /// @param arguments a record, a map, or null
  /// @throws WorkerException if it can't be carried out
  public <T> T ask(String order, @Nullable Object arguments, Class<T> answer)
      throws IOException, InterruptedException {
    return await(begin(order, arguments), PATIENCE, answer);
  }

  /// Gives an order whose answer is of no interest, and waits for it, at most a minute.
  ///
  /// @throws WorkerException if it can't be carried out
  public void tell(String order, @Nullable Object arguments)
      throws IOException, InterruptedException {
    ask(order, arguments, JsonNode.class);
  }

  /// Gives an order; [#await] waits for the answer. Meanwhile the caller can do something else.
  ///
  /// @throws WorkerException if the process has ended
  public CompletableFuture<JsonNode> begin(String order, @Nullable Object arguments)
      throws IOException {
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    String line =
        json.writeValueAsString(
            Map.of("order", order, "arguments", arguments == null ? Map.of() : arguments));
    synchronized (this) {
      if (ended) {
        throw new WorkerException(epitaph());
      }
      pending.add(answer);
      orders.write(line);
      orders.write('\n');
      orders.flush();
    }
    return answer;
  }

  /// Waits for the answer to an order.
  ///
  /// @throws WorkerException if it can't be carried out, or not in that time
  public <T> T await(CompletableFuture<JsonNode> answer, Duration patience, Class<T> type)
      throws IOException, InterruptedException {
    try {
      JsonNode node = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return json.treeToValue(node, type);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new WorkerException(String.valueOf(cause == null ? e : cause.getMessage()));
    } catch (TimeoutException e) {
      throw new WorkerException(name + " gave no answer in " + patience.toSeconds() + " s");
    }
  }

  /// Ends the process.
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readAnswers() {
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        settle(json.readTree(line));
      }
    } catch (IOException | RuntimeException e) {
      keep("its answer can't be read: " + e.getMessage());
    }
    // How it ended and what it said last belong to the message of the failure.
    lastWords();
    synchronized (this) {
      ended = true;
      pending.forEach(answer -> answer.completeExceptionally(new WorkerException(epitaph())));
      pending.clear();
    }
  }

  private void lastWords() {
    try {
      process.waitFor(5, TimeUnit.SECONDS);
      errorReader.join(Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void settle(JsonNode line) {
    CompletableFuture<JsonNode> answer = pending.remove();
    JsonNode failure = line.get("failure");
    if (failure != null) {
      answer.completeExceptionally(new WorkerException(name + ": " + failure.asString()));
    } else {
      answer.complete(line.get("answer"));
    }
  }

  private void readErrors() {
    try (BufferedReader lines = process.errorReader(UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        keep(line);
      }
    } catch (IOException e) {
      keep(e.toString());
    }
  }

  private synchronized void keep(String line) {
    errors.add(line);
    if (errors.size() > KEPT_ERROR_LINES) {
      errors.remove();
    }
  }

  private synchronized String epitaph() {
    return name
        + " has ended"
        + (process.isAlive() ? "" : " with " + process.exitValue())
        + (errors.isEmpty() ? "" : ": " + String.join(" | ", errors));
  }
}
