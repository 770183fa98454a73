package dev.pollux.net;

/// What is refused when the memory budget is nearly used up ([MemoryBudget]).
public enum MemoryRefusal {
  /// A message was too large to be gathered: its connection was closed with 1013.
  GATHER("messages are not gathered, and their senders closed with 1013"),
  /// Output for a slow peer was dealt with by its policy before it had reached its limit.
  OUTPUT("slow consumers are dealt with by their policy before they reach its limit"),
  /// A client was not accepted.
  NEWCOMER("newcomers are refused"),
  /// Something else had no memory, and its connection ended.
  ALLOCATION("connections end for want of memory");

  private final String words;

  MemoryRefusal(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }
}
