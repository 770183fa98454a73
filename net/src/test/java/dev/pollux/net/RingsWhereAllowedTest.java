package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Asks of each run of a test by a model what would be done where io_uring is refused.
@ParameterizedClass
@EnumSource(IoModel.class)
@SuppressWarnings("NullAway.Init") // JUnit sets the parameter.
class RingsWhereAllowedTest {
  @Parameter IoModel ofClass;

  private @Nullable ExtensionContext context;

  @RegisterExtension final BeforeEachCallback tellsTheContext = context -> this.context = context;

  @ParameterizedTest
  @EnumSource
  void whereItIsRefusedIoUringAloneIsSkippedAndTheReasonIsSaid(IoModel model) {
    ConditionEvaluationResult result =
        RingsWhereAllowed.evaluate(Objects.requireNonNull(context), "EPERM");
    assertEquals(
        model == IoModel.IO_URING || ofClass == IoModel.IO_URING,
        result.isDisabled(),
        () -> result.toString());
    if (result.isDisabled()) {
      assertTrue(result.getReason().orElseThrow().contains("EPERM"));
    }
  }
}
