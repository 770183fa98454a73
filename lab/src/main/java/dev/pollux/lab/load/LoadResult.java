package dev.pollux.lab.load;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// What a load has found. Times of a latency are in microseconds, from the moment in which the
/// message was to be sent to the one in which its answer had arrived whole.
///
/// @param plan what was asked for
/// @param loops event loops that the load ran
/// @param openSeconds how long it took to open all connections
/// @param seconds how long was measured, from the first message to the last one that came back
/// @param messages messages that came (back) in that time, every byte of them as it should be
/// @param messagesPerSecond the same per second
/// @param payloadBytesPerSecond their payload per second
/// @param meanMicros mean latency; 0, as all latencies, where no message came
/// @param p50Micros half of the messages were at least as fast
/// @param p90Micros nine in ten
/// @param p99Micros 99 %
/// @param p999Micros 99.9 %
/// @param maxMicros the slowest
/// @param loadCpuMicrosPerMessage CPU time of the load's process per message; 0 where none came
/// @param loadCpuShare CPU time of the load's process per second
/// @param serverCpuMicrosPerMessage the same of the server's process; to its clock tick of 10 ms
///   where a thread of it ended meanwhile; null if it was not named or no message came
/// @param serverCpuShare the same per second; null if it was not named
/// @param lost connections that ended before the load did, since they were opened
/// @param different messages that were not what they should be, since the beginning; their
///   connections were given up
/// @param missed messages that did not come to a subscriber, although later ones did, since the
///   beginning
/// @param unsent messages that were due at the end and could not be sent, because too many were
///   outstanding
/// @param problem the first thing that went wrong, or null
public record LoadResult(
    LoadPlan plan,
    int loops,
    double openSeconds,
    double seconds,
    long messages,
    double messagesPerSecond,
    double payloadBytesPerSecond,
    double meanMicros,
    double p50Micros,
    double p90Micros,
    double p99Micros,
    double p999Micros,
    double maxMicros,
    double loadCpuMicrosPerMessage,
    double loadCpuShare,
    @Nullable Double serverCpuMicrosPerMessage,
    @Nullable Double serverCpuShare,
    long lost,
    long different,
    long missed,
    long unsent,
    @Nullable String problem)
    implements Serializable {

  /// Whether all went as it should.
  public boolean allWell() {
    return lost == 0 && different == 0 && missed == 0;
  }

  /// One line of JSON with a member for each component.
  public String json() {
    return new JsonMapper().writeValueAsString(this);
  }
}
