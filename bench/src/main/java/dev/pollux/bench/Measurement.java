package dev.pollux.bench;

/// One run of one workload against one server.
///
/// @param server its name
/// @param workload its name
/// @param round the first is 1
/// @param cpuMicros server CPU, user and system, per message (or delivery), in µs
/// @param userShare how much of that was user time, from 0 to 1
/// @param perSecond messages (or deliveries) in a second
/// @param p50Micros median latency, in µs
/// @param p99Micros 99th percentile of latency, in µs
public record Measurement(
    String server,
    String workload,
    int round,
    double cpuMicros,
    double userShare,
    double perSecond,
    double p50Micros,
    double p99Micros) {}
