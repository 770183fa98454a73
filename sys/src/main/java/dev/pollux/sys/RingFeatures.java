package dev.pollux.sys;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/// What a ring uses of what io_uring has to offer.
///
/// @param used the features
/// @param submissions places for submissions
/// @param completions places for completions
public record RingFeatures(Set<Feature> used, int submissions, int completions) {

  /// One thing that not every kernel has.
  public enum Feature {
    /// Only one thread submits; the kernel needs no lock against others (Linux 6.0).
    SINGLE_ISSUER,
    /// Completion work is done when the loop asks for it (Linux 6.1).
    DEFER_TASKRUN,
    /// Completion work does not interrupt the thread: what there was before `DEFER_TASKRUN` (Linux
    /// 5.19).
    COOP_TASKRUN,
    /// Submissions without an array of indices (Linux 6.6).
    NO_SQARRAY,
    /// A bad submission does not hold up those behind it (Linux 5.18).
    SUBMIT_ALL,
    /// One submission receives again and again (Linux 6.0).
    MULTISHOT_RECV,
    /// Such a submission ends after so many bytes, so that a peer that sends much fills no more
    /// than that before it can be told to wait (Linux 6.17).
    LIMITED_RECV,
    /// A receive takes only as much of a buffer as it fills, and the next one goes on behind it, so
    /// that few warm buffers serve however many connections speak at once (Linux 6.12).
    INCREMENTAL_BUFFERS,
    /// Files in the ring's own table that are chosen by the kernel, and can be made, configured,
    /// and turned into descriptors (Linux 6.8).
    DIRECT_DESCRIPTORS
  }

  public RingFeatures {
    used = Set.copyOf(used);
  }

  /// All there are.
  public static Set<Feature> all() {
    return EnumSet.allOf(Feature.class);
  }

  /// Whether a feature is used.
  public boolean has(Feature feature) {
    return used.contains(feature);
  }

  /// The features that are used, by name, in order.
  public String names() {
    return used.stream().sorted().map(Feature::name).collect(Collectors.joining(" "));
  }

  /// Those that are not used, by name, in order: the kernel lacks them, or they were not wanted,
  /// and an older way does their work. One that a better one stands in for is not among them.
  public String missingNames() {
    return Arrays.stream(Feature.values())
        .filter(feature -> !has(feature))
        .filter(feature -> feature != Feature.COOP_TASKRUN || !has(Feature.DEFER_TASKRUN))
        .map(Feature::name)
        .collect(Collectors.joining(" "));
  }

  /// The features by name, for a person.
  @Override
  public String toString() {
    String missing = missingNames();
    return names()
        + (missing.isEmpty() ? "" : ", without " + missing)
        + ", "
        + submissions
        + " submissions, "
        + completions
        + " completions";
  }
}
