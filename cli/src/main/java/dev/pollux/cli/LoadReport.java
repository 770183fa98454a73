package dev.pollux.cli;

import dev.pollux.lab.load.LoadPlan;
import dev.pollux.lab.load.LoadPlan.Mode;
import dev.pollux.lab.load.LoadResult;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The result of a load for a person.
final class LoadReport {
  private LoadReport() {}

  static void print(LoadResult result, PrintWriter out) {
    LoadPlan plan = result.plan();
    out.println(what(plan));
    row(
        out,
        "opened",
        "%,d connections in %.2f s".formatted(plan.connections(), result.openSeconds()));
    if (plan.mode() != Mode.IDLE) {
      row(
          out,
          "messages",
          "%,d in %.2f s: %,.0f/s, %,.1f MB/s"
              .formatted(
                  result.messages(),
                  result.seconds(),
                  result.messagesPerSecond(),
                  result.payloadBytesPerSecond() / 1e6));
      row(
          out,
          "latency",
          "p50 %s, p90 %s, p99 %s, p99.9 %s, max %s"
              .formatted(
                  micros(result.p50Micros()),
                  micros(result.p90Micros()),
                  micros(result.p99Micros()),
                  micros(result.p999Micros()),
                  micros(result.maxMicros())));
    }
    if (result.unsent() > 0) {
      row(out, "behind", "%,d messages were due and could not be sent".formatted(result.unsent()));
    }
    cpu(out, "load CPU", result.loadCpuMicrosPerMessage(), result.loadCpuShare());
    Double serverShare = result.serverCpuShare();
    if (serverShare != null) {
      Double perMessage = result.serverCpuMicrosPerMessage();
      cpu(out, "server CPU", perMessage == null ? 0 : perMessage, serverShare);
    }
  }

  private static String what(LoadPlan plan) {
    String size =
        "%,d bytes of %s%s"
            .formatted(
                plan.payloadBytes(),
                plan.text() ? "text" : "binary data",
                plan.compressed() ? ", compressed" : "");
    String load =
        plan.ratePerSecond() > 0
            ? "%,.0f messages/s".formatted(plan.ratePerSecond())
            : "%,d in flight".formatted(plan.inFlight());
    return plan.uri()
        + ": "
        + switch (plan.mode()) {
          case ECHO ->
              "echo, %,d of %,d connections active, %s, %s"
                      .formatted(plan.active(), plan.connections(), size, load)
                  + (plan.ratePerSecond() > 0 ? "" : " each");
          case FAN_OUT ->
              "fan-out to %,d connections, %s, %s".formatted(plan.connections(), size, load);
          case IDLE -> "%,d connections held".formatted(plan.connections());
        }
        + (plan.mode() == Mode.IDLE ? "" : ", every byte checked");
  }

  private static void cpu(PrintWriter out, String name, double micros, double share) {
    if (micros > 0) {
      row(out, name, "%.3f µs per message, %.0f %% of a CPU".formatted(micros, share * 100));
    } else {
      row(out, name, "%.0f %% of a CPU".formatted(share * 100));
    }
  }

  private static void row(PrintWriter out, String name, String text) {
    out.println("  %-12s".formatted(name) + text);
  }

  private static String micros(double micros) {
    return micros < 10_000
        ? String.format(Locale.ROOT, "%.0f µs", micros)
        : String.format(Locale.ROOT, "%.1f ms", micros / 1000);
  }

  /// What went wrong, in one sentence.
  static String complaint(LoadResult result) {
    List<String> parts = new ArrayList<>();
    if (result.different() > 0) {
      parts.add("%,d messages were not what they should be".formatted(result.different()));
    }
    if (result.lost() > 0) {
      parts.add("%,d connections were lost".formatted(result.lost()));
    }
    if (result.missed() > 0) {
      parts.add("%,d messages did not come to a subscriber".formatted(result.missed()));
    }
    String problem = result.problem();
    return String.join(", ", parts) + (problem == null ? "" : "; the first: " + problem);
  }
}
