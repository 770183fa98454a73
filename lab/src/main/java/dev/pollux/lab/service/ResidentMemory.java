package dev.pollux.lab.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Memory of this process that is really there (proc_pid_status(5), `VmRSS`).
final class ResidentMemory {
  private ResidentMemory() {}

  /// In bytes.
  static long ofThisProcess() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.substring("VmRSS:".length()).strip().split(" ", 2)[0]) * 1024;
      }
    }
    throw new IOException("/proc/self/status says nothing of VmRSS");
  }
}
