package dev.pollux.net;

import dev.pollux.sys.LinuxRing;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Where io_uring is refused (an old kernel, a container, `kernel.io_uring_disabled`), what is to
/// run on that model is skipped, with the kernel's reason. A test or a class of tests that is run
/// for each model has the model in the name of that run.
///
/// It is in force for the tests of every module that has this module's tests on its class path:
/// JUnit finds it by itself.
public final class RingsWhereAllowed implements ExecutionCondition {
  private static final Pattern IO_URING = Pattern.compile("(?i)\\bio_uring\\b");
  private static final ConditionEvaluationResult RUNS = ConditionEvaluationResult.enabled(null);
  private static final @Nullable String WHY_NOT = LinuxRing.whyUnavailable();

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return evaluate(context, WHY_NOT);
  }

  static ConditionEvaluationResult evaluate(ExtensionContext context, @Nullable String whyNot) {
    if (whyNot == null) {
      return RUNS;
    }
    // Of a class that is run for each model, the tests are asked too.
    for (Optional<ExtensionContext> each = Optional.of(context);
        each.isPresent();
        each = each.get().getParent()) {
      if (IO_URING.matcher(each.get().getDisplayName()).find()) {
        return ConditionEvaluationResult.disabled("io_uring is not allowed here: " + whyNot);
      }
    }
    return RUNS;
  }
}
