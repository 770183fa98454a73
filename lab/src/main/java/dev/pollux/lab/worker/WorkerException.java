package dev.pollux.lab.worker;

import java.io.IOException;

/// A worker could not carry out an order, or has ended.
public final class WorkerException extends IOException {
  WorkerException(String message) {
    super(message);
  }
}
