package dev.pollux.net;

/// Why an engine can't serve a connection that the kernel accepted.
public enum Refusal {
  /// The descriptor is at or above `FD_SETSIZE`: the C library's limit, which model `select` keeps.
  DESCRIPTOR_BEYOND_FD_SETSIZE,
  /// The process or the system is out of descriptors (`EMFILE`, `ENFILE`).
  OUT_OF_DESCRIPTORS,
  /// [EngineOptions#maxConnections] connections are open.
  TOO_MANY_CONNECTIONS,
  /// The kernel had no memory or no slot to watch it, or no thread could be started for it.
  OUT_OF_RESOURCES,
  /// The engine's memory is nearly used up ([MemoryBudget]).
  OUT_OF_MEMORY
}
