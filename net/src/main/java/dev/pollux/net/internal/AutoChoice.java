package dev.pollux.net.internal;

import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.ModelChoice;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.LinuxRing;
import dev.pollux.sys.Rlimit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What `auto` takes.
///
/// ```
///   direct descriptors are asked for --yes--> io_uring, or nothing
///      | no
///   epoll works here? --yes--> epoll
///      | no (not Linux, or native access is denied)
///     nio
/// ```
///
/// `io_uring` is not taken for its speed alone: docs/io-models.md says why, with figures.
public final class AutoChoice {
  private AutoChoice() {}

  /// What a machine is, as far as the choice depends on it.
  ///
  /// @param system name and release
  /// @param noKernelCalls why the kernel can't be called, or null if it can
  /// @param noRing why there is no io_uring, or null if there is
  /// @param descriptors the limit of descriptors, or -1 if there is none or it is not known
  public record Machine(
      String system, @Nullable String noKernelCalls, @Nullable String noRing, long descriptors) {

    public static Machine here() {
      String system = System.getProperty("os.name") + " " + System.getProperty("os.version");
      String noKernelCalls = LinuxKernel.whyUnavailable();
      return new Machine(
          system,
          noKernelCalls,
          noKernelCalls == null ? LinuxRing.whyUnavailable() : noKernelCalls,
          noKernelCalls == null ? limitOfDescriptors() : -1);
    }

    private static long limitOfDescriptors() {
      try (Arena arena = Arena.ofConfined()) {
        long[] limits = new long[2];
        int result = new LinuxKernel(arena).getrlimit(Rlimit.RLIMIT_NOFILE, limits);
        return result < 0 ? -1 : limits[0];
      }
    }
  }

  /// The models to try, the best first, each with the reason for which it would be the one.
  ///
  /// @throws IOException if what is asked for can't be had here
  public static List<ModelChoice> ranked(EngineOptions options, Machine machine)
      throws IOException {
    if (options.ring().direct()) {
      if (machine.noRing() != null) {
        throw new IOException(
            "direct descriptors need io_uring, which does not work here: " + machine.noRing());
      }
      return List.of(
          choice(IoModel.IO_URING, machine.system() + ": the only one with direct descriptors"));
    }
    List<ModelChoice> ranked = new ArrayList<>();
    if (machine.noKernelCalls() == null) {
      ranked.add(choice(IoModel.EPOLL, whyEpoll(machine)));
      ranked.add(choice(IoModel.NIO, machine.system() + ": epoll could not be opened"));
    } else {
      ranked.add(choice(IoModel.NIO, whyNio(machine.noKernelCalls())));
    }
    return ranked;
  }

  private static ModelChoice choice(IoModel model, String reason) {
    return new ModelChoice(IoModel.AUTO, model, reason);
  }

  private static String whyEpoll(Machine machine) {
    StringBuilder why = new StringBuilder(machine.system());
    why.append(": pays for what is ready, in every workload; ");
    why.append(
        machine.noRing() == null
            ? "io_uring works here too: fewer system calls, and so far no less CPU"
            : "no io_uring here: " + withoutFullStop(machine.noRing()));
    if (machine.descriptors() > 0) {
      why.append(
          String.format(
              Locale.ROOT,
              "; at most %,d descriptors (RLIMIT_NOFILE%s)",
              machine.descriptors(),
              machine.noRing() == null ? ", io_uring with direct descriptors goes beyond" : ""));
    }
    return why.toString();
  }

  private static String whyNio(String noKernelCalls) {
    return "the only one that needs no call of ours to the kernel: "
        + withoutFullStop(noKernelCalls);
  }

  private static String withoutFullStop(String sentence) {
    return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
  }
}
