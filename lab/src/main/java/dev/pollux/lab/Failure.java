package dev.pollux.lab;

/// What an experiment could not measure, while it measured the rest.
///
/// @param what the word of a model, or of what it is compared with
/// @param reason why, in the words of whoever failed
public record Failure(String what, String reason) {}
