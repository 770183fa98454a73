package dev.pollux.net;

/// What is used of a [MemoryBudget], and what was refused because of it.
///
/// @param limitBytes the budget
/// @param usedBytes what is used of it now
/// @param gathersRefused messages that were not gathered
/// @param outputRefused messages to slow peers that were refused before their limit was reached
/// @param newcomersRefused clients that were not accepted
/// @param allocationsRefused connections that ended because there was no memory for what they did
public record MemoryStatistics(
    long limitBytes,
    long usedBytes,
    long gathersRefused,
    long outputRefused,
    long newcomersRefused,
    long allocationsRefused) {}
