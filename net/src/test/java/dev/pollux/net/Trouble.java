package dev.pollux.net;

/// What is thrown on purpose: of each kind that code throws without saying so.
enum Trouble {
  RUNTIME_EXCEPTION,
  ASSERTION_ERROR,
  OUT_OF_MEMORY,
  STACK_OVERFLOW;

  void happen() {
    switch (this) {
      case RUNTIME_EXCEPTION -> throw new IllegalStateException("thrown on purpose by a test");
      case ASSERTION_ERROR -> throw new AssertionError("thrown on purpose by a test");
      case OUT_OF_MEMORY -> throw new OutOfMemoryError("thrown on purpose by a test");
      case STACK_OVERFLOW -> throw new StackOverflowError("thrown on purpose by a test");
    }
  }
}
