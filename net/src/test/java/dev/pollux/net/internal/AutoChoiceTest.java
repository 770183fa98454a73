package dev.pollux.net.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.ModelChoice;
import dev.pollux.net.internal.AutoChoice.Machine;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AutoChoiceTest {
  private static final EngineOptions AUTO = EngineOptions.of(IoModel.AUTO);
  private static final EngineOptions DIRECT = AUTO.withRing(AUTO.ring().withDirect(true));

  private static Machine linux(@Nullable String noRing) {
    return new Machine("Linux 6.18", null, noRing, 20_000);
  }

  private static Machine refusing(String why) {
    return new Machine("Mac OS X 15", why, why, -1);
  }

  private static List<IoModel> models(List<ModelChoice> ranked) {
    return ranked.stream().map(ModelChoice::model).toList();
  }

  @Test
  void onLinuxItIsEpollAndNioIfThatCannotBeOpened() throws Exception {
    List<ModelChoice> ranked = AutoChoice.ranked(AUTO, linux(null));
    assertEquals(List.of(IoModel.EPOLL, IoModel.NIO), models(ranked));
    assertTrue(ranked.getFirst().isAutomatic());
    String reason = ranked.getFirst().reason();
    assertTrue(reason.startsWith("Linux 6.18: "), reason);
    assertTrue(reason.contains("io_uring works here too"), reason);
    assertTrue(reason.contains("at most 20,000 descriptors (RLIMIT_NOFILE, io_uring"), reason);
  }

  @Test
  void theReasonSaysWhyThereIsNoRing() throws Exception {
    String reason = AutoChoice.ranked(AUTO, linux("Forbidden (EPERM).")).getFirst().reason();
    assertTrue(reason.contains("no io_uring here: Forbidden (EPERM);"), reason);
    assertTrue(reason.endsWith("at most 20,000 descriptors (RLIMIT_NOFILE)"), reason);
  }

  @Test
  void aLimitThatIsNotThereIsNotNamed() throws Exception {
    String reason =
        AutoChoice.ranked(AUTO, new Machine("Linux 6.18", null, null, -1)).getFirst().reason();
    assertTrue(!reason.contains("RLIMIT"), reason);
  }

  @Test
  void whereTheKernelCannotBeCalledItIsNioAlone() throws Exception {
    List<ModelChoice> ranked = AutoChoice.ranked(AUTO, refusing("This is a Mac."));
    assertEquals(List.of(IoModel.NIO), models(ranked));
    assertTrue(ranked.getFirst().reason().endsWith(": This is a Mac"), ranked.toString());
  }

  @Test
  void directDescriptorsAreOfIoUringOrOfNone() throws Exception {
    assertEquals(List.of(IoModel.IO_URING), models(AutoChoice.ranked(DIRECT, linux(null))));
    IOException refused =
        assertThrows(IOException.class, () -> AutoChoice.ranked(DIRECT, linux("Forbidden.")));
    assertEquals(
        "direct descriptors need io_uring, which does not work here: Forbidden.",
        refused.getMessage());
  }

  @Test
  void theMachineOfThisTestIsDescribed() {
    Machine here = Machine.here();
    assertTrue(here.system().contains(System.getProperty("os.version")), here.toString());
    assertEquals(here.noKernelCalls() == null, here.descriptors() > 0, here.toString());
  }
}
