package dev.pollux.websocket;

/// What memory is charged to that somebody else allocates: zlib its streams. Any thread.
public interface MemoryAccount {
  /// One without a limit.
  MemoryAccount UNLIMITED =
      new MemoryAccount() {
        @Override
        public boolean charge(long bytes) {
          return true;
        }

        @Override
        public void release(long bytes) {}
      };

  /// Accounts for so many bytes; false, and nothing is accounted for, if there is no room for them.
  boolean charge(long bytes);

  /// So many bytes are free again.
  void release(long bytes);
}
