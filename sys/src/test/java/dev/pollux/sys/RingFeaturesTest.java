package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.pollux.sys.RingFeatures.Feature;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RingFeaturesTest {
  private static RingFeatures of(Set<Feature> used) {
    return new RingFeatures(used, 512, 4096);
  }

  @Test
  void whatIsMissingIsNamedForAPerson() {
    Set<Feature> used = EnumSet.allOf(Feature.class);
    used.remove(Feature.LIMITED_RECV);
    used.remove(Feature.COOP_TASKRUN);
    assertEquals(
        "SINGLE_ISSUER DEFER_TASKRUN NO_SQARRAY SUBMIT_ALL MULTISHOT_RECV"
            + " INCREMENTAL_BUFFERS DIRECT_DESCRIPTORS,"
            + " without LIMITED_RECV, 512 submissions, 4096 completions",
        of(used).toString());
  }

  @Test
  void cooperativeTaskRunsAreMissedOnlyWithoutDeferredOnes() {
    Set<Feature> used = EnumSet.allOf(Feature.class);
    used.remove(Feature.COOP_TASKRUN);
    assertEquals("", of(used).missingNames());
    used.remove(Feature.DEFER_TASKRUN);
    assertEquals("DEFER_TASKRUN COOP_TASKRUN", of(used).missingNames());
  }

  @Test
  void nothingIsSaidToBeMissingIfAllIsThere() {
    assertFalse(of(RingFeatures.all()).toString().contains("without"));
  }
}
