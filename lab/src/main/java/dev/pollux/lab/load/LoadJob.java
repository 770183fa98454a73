package dev.pollux.lab.load;

import dev.pollux.lab.worker.Arguments;
import dev.pollux.lab.worker.Job;
import dev.pollux.net.tls.TlsClientOptions;
import org.jspecify.annotations.Nullable;

/// A load in a process of its own, which then has descriptors and a CPU of its own.
///
/// | order | arguments | answer |
/// |---|---|---|
/// | `run` | `plan`: a [LoadPlan] | its [LoadResult], of a load with the times of the plan |
/// | `run-insecure` | the same | the same; of a `wss` server any certificate is taken |
/// | `open` | the same | nothing, when its connections are open; its times are of no interest |
/// | `open-insecure` | the same | the same; of a `wss` server any certificate is taken |
/// | `measure` | `warmUpMillis`, not measured, and `millis` | the [LoadResult] of these `millis`, over the connections that are open |
/// | `close` | none | nothing, when the connections are closed |
///
/// The answer comes when the order is carried out: give it with
/// [dev.pollux.lab.worker.Worker#begin], and wait for it as long as it takes.
public final class LoadJob implements Job {
  private static final TlsClientOptions TRUSTING = TlsClientOptions.defaults().withInsecure(true);

  private @Nullable Load load;

  @Override
  public @Nullable LoadResult carryOut(String order, Arguments arguments) throws Exception {
    return switch (order) {
      case "run" -> Load.run(plan(arguments), TlsClientOptions.defaults(), LoadProgress.NONE);
      case "run-insecure" -> Load.run(plan(arguments), TRUSTING, LoadProgress.NONE);
      case "open" -> {
        open(arguments, TlsClientOptions.defaults());
        yield null;
      }
      case "open-insecure" -> {
        open(arguments, TRUSTING);
        yield null;
      }
      case "measure" -> {
        Load opened = opened();
        opened.warmUp(arguments.number("warmUpMillis"));
        yield opened.measure(arguments.number("millis"));
      }
      case "close" -> {
        opened().leave();
        close();
        yield null;
      }
      default ->
          throw new IllegalArgumentException(
              "no order '"
                  + order
                  + "'; there are: run, run-insecure, open, open-insecure, measure, close");
    };
  }

  private static LoadPlan plan(Arguments arguments) {
    return arguments.value("plan", LoadPlan.class);
  }

  private void open(Arguments arguments, TlsClientOptions trust)
      throws LoadException, InterruptedException {
    if (load != null) {
      throw new IllegalStateException("a load is open already");
    }
    load = Load.open(plan(arguments), trust, LoadProgress.NONE);
  }

  private Load opened() {
    Load opened = load;
    if (opened == null) {
      throw new IllegalStateException("no load is open");
    }
    return opened;
  }

  @Override
  public void close() {
    if (load != null) {
      load.close();
      load = null;
    }
  }
}
