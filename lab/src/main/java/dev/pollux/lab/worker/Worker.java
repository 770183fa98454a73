package dev.pollux.lab.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pollux.net.Engine;
import dev.pollux.sys.Kernel;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A process that does one [Job] for the lab, with the class path and the JVM of this one.
///
/// Orders go to its standard input and answers come from its standard output. What it says on
/// standard error is kept for the message of a failure. Any thread may ask; the orders are carried
/// out one after the other.
public final class Worker implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KEPT_ERROR_LINES = 20;
  private static final List<Class<?>> NEEDED =
      List.of(WorkerProcess.class, Engine.class, Kernel.class);
  private static final Path TASKSET = Path.of("/usr/bin/taskset");

  private final String name;
  private final Process process;
  private final DataOutputStream orders;
  private final Deque<CompletableFuture<Optional<Serializable>>> pending = new ArrayDeque<>();
  private final Deque<String> errors = new ArrayDeque<>();
  private final Thread errorReader;
  private boolean ended;

  private Worker(String name, Process process) {
    this.name = name;
    this.process = process;
    this.orders = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    this.errorReader = Thread.ofVirtual().name("errors of " + name).start(this::readErrors);
    Thread.ofVirtual().name("answers of " + name).start(this::readAnswers);
  }

  /// Starts a process for a job.
  ///
  /// @throws IOException if there can be no process
  public static Worker start(Class<? extends Job> job, WorkerOptions options) throws IOException {
    List<String> command = new ArrayList<>();
    if (isThere(options.core())) {
      command.addAll(List.of(TASKSET.toString(), "-c", Integer.toString(options.core())));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xmx1g",
            // Standard output is for answers.
            "-Xlog:disable",
            "-Xlog:all=warning:stderr",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classPath()));
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

  /// That of this JVM, with what every job needs in front: a JVM opens each jar that it looks into
  /// for a class, and some jobs need the low descriptors for themselves.
  private static String classPath() {
    Stream<String> inFront =
        NEEDED.stream()
            .map(needed -> needed.getProtectionDomain().getCodeSource().getLocation())
            .map(location -> Path.of(URI.create(location.toString())).toString());
    // Surefire may hide the class path in a jar of its own.
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Stream.concat(inFront, Stream.of(all)).collect(Collectors.joining(File.pathSeparator));
  }

  private static boolean isThere(int core) {
    return core >= 0
        && core < Runtime.getRuntime().availableProcessors()
        && Files.isExecutable(TASKSET);
  }

  /// Binds all its threads, and those that they start, to a processor, as [WorkerOptions#onCore]
  /// does from the start. A JVM starts faster before than afterwards: what compiles runs beside
  /// what it compiles for.
  ///
  /// @throws IOException if it can't be done; where there is no such processor or no `taskset`,
  ///   nothing is done
  public void bind(int core) throws IOException, InterruptedException {
    if (!isThere(core)) {
      return;
    }
    Process binding =
        new ProcessBuilder(
                TASKSET.toString(), "-a", "-c", "-p", Integer.toString(core), Long.toString(pid()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    int exit = binding.waitFor();
    if (exit != 0) {
      throw new WorkerException(
          name + " can't be bound to processor " + core + ": taskset " + exit);
    }
  }

  /// Gives an order and waits for the answer, at most a minute.
  ///
  /// @param arguments by name; null for none
  /// @throws WorkerException if it can't be carried out
  public <T> T ask(
      String order, @Nullable Map<String, ? extends Serializable> arguments, Class<T> answer)
      throws IOException, InterruptedException {
    return await(begin(order, arguments), PATIENCE, answer);
  }

  /// Gives an order whose answer is of no interest, and waits for it, at most a minute.
  ///
  /// @throws WorkerException if it can't be carried out
  public void tell(String order, @Nullable Map<String, ? extends Serializable> arguments)
      throws IOException, InterruptedException {
    answer(begin(order, arguments), PATIENCE);
  }

  /// Gives an order; [#await] waits for the answer. Meanwhile the caller can do something else.
  ///
  /// @param arguments by name; null for none
  /// @throws WorkerException if the process has ended
  public CompletableFuture<Optional<Serializable>> begin(
      String order, @Nullable Map<String, ? extends Serializable> arguments) throws IOException {
    CompletableFuture<Optional<Serializable>> answer = new CompletableFuture<>();
    Map<String, Serializable> none = Map.of();
    Arguments named = new Arguments(arguments == null ? none : Map.copyOf(arguments));
    synchronized (this) {
      if (ended) {
        throw new WorkerException(epitaph());
      }
      pending.add(answer);
      Pipe.write(orders, new Pipe.Order(order, named));
    }
    return answer;
  }

  /// Waits for the answer to an order.
  ///
  /// @throws WorkerException if it can't be carried out, or not in that time
  public <T> T await(
      CompletableFuture<Optional<Serializable>> answer, Duration patience, Class<T> type)
      throws IOException, InterruptedException {
    return type.cast(
        answer(answer, patience)
            .orElseThrow(() -> new WorkerException(name + " gave an answer without anything")));
  }

  private Optional<Serializable> answer(
      CompletableFuture<Optional<Serializable>> answer, Duration patience)
      throws IOException, InterruptedException {
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new WorkerException(String.valueOf(cause == null ? e : cause.getMessage()));
    } catch (TimeoutException e) {
      throw new WorkerException(name + " gave no answer in " + patience.toSeconds() + " s");
    }
  }

  /// Whether the process has not ended.
  public boolean isAlive() {
    return process.isAlive();
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
    try (DataInputStream answers =
        new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
      Optional<Pipe.Answer> next = Pipe.read(answers, Pipe.Answer.class);
      while (next.isPresent()) {
        settle(next.get());
        next = Pipe.read(answers, Pipe.Answer.class);
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

  private synchronized void settle(Pipe.Answer answer) {
    CompletableFuture<Optional<Serializable>> waiting = pending.remove();
    if (answer.failure() != null) {
      waiting.completeExceptionally(new WorkerException(name + ": " + answer.failure()));
    } else {
      waiting.complete(Optional.ofNullable(answer.value()));
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
