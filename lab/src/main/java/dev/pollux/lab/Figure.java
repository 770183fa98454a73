package dev.pollux.lab;

/// One number that an experiment comes to: what its rule judges, and what two reports are compared
/// by.
///
/// @param id its name in `report.json` and in the rule, unique in the finding: `poll-growth`
/// @param label what it is, in a few words
/// @param value the number
/// @param unit its unit, as `µs`; empty for a plain count or a ratio
public record Figure(String id, String label, double value, String unit) {}
