package dev.pollux.lab.load;

import dev.pollux.lab.worker.Arguments;
import dev.pollux.lab.worker.Job;
import dev.pollux.net.tls.TlsClientOptions;

/// A load in a process of its own, which then has descriptors and a CPU of its own.
///
/// | order | arguments | answer |
/// |---|---|---|
/// | `run` | `plan`: a [LoadPlan] | its [LoadResult] |
/// | `run-insecure` | the same | the same; of a `wss` server any certificate is taken |
///
/// The answer comes when the load is over: give the order with
/// [dev.pollux.lab.worker.Worker#begin], and wait for it as long as the plan takes.
public final class LoadJob implements Job {
  @Override
  public LoadResult carryOut(String order, Arguments arguments) throws Exception {
    TlsClientOptions trust = TlsClientOptions.defaults();
    switch (order) {
      case "run" -> {}
      case "run-insecure" -> trust = trust.withInsecure(true);
      default ->
          throw new IllegalArgumentException(
              "no order '" + order + "'; there are: run, run-insecure");
    }
    return Load.run(arguments.value("plan", LoadPlan.class), trust, LoadProgress.NONE);
  }
}
