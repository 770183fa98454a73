package dev.pollux.lab.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// How a [Worker] is started.
///
/// @param core the processor that all its threads are bound to, or -1 for any; ignored where there
///   is only one, or no `taskset`
/// @param jvmArguments options of its JVM, in addition to the defaults
/// @param deadline it ends itself after this time, whatever happens
public record WorkerOptions(int core, List<String> jvmArguments, Duration deadline) {

  /// Any processor, at most ten minutes.
  public static final WorkerOptions DEFAULT =
      new WorkerOptions(-1, List.of(), Duration.ofMinutes(10));

  public WorkerOptions {
    jvmArguments = List.copyOf(jvmArguments);
  }

  /// Bound to a processor: 0 for what is measured, 1 for what loads it.
  public WorkerOptions onCore(int number) {
    return new WorkerOptions(number, jvmArguments, deadline);
  }

  /// For one that is bound to a processor after it has started, by [Worker#bind]: its JVM takes as
  /// many threads for itself as on one processor.
  public WorkerOptions boundLater() {
    return withJvmArgument("-XX:ActiveProcessorCount=1");
  }

  /// Ending itself after this time instead.
  public WorkerOptions withDeadline(Duration time) {
    return new WorkerOptions(core, jvmArguments, time);
  }

  /// With an option of the JVM more: `-Xmx128m`. Where two contradict each other, the later one
  /// counts.
  public WorkerOptions withJvmArgument(String argument) {
    return with(jvmArguments.size(), argument);
  }

  /// With an option of the JVM more, which those that are there already may contradict.
  public WorkerOptions withJvmArgumentBefore(String argument) {
    return with(0, argument);
  }

  private WorkerOptions with(int index, String argument) {
    List<String> more = new ArrayList<>(jvmArguments);
    more.add(index, argument);
    return new WorkerOptions(core, more, deadline);
  }
}
