package dev.pollux.net;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// How an engine waits for I/O: the one word that a user chooses.
public enum IoModel {
  /// A thread per client; `accept`, `recv` and `send` block that thread.
  BLOCKING("blocking", "a thread per client, blocked in accept(), recv() and send()"),
  /// One thread tries every socket in turn and never waits: `EAGAIN`, next.
  NONBLOCKING("nonblocking", "one thread tries every socket in turn: EAGAIN, next"),
  /// `select(2)`: a bitmap of at most `FD_SETSIZE` descriptors, scanned whole by the kernel and by
  /// us.
  SELECT("select", "a bitmap of at most 1024 descriptors, scanned at each call"),
  /// `poll(2)`: an array of descriptors, handed in and scanned whole at each call.
  POLL("poll", "an array of descriptors, copied in and scanned at each call"),
  /// `epoll(7)`, level-triggered: the kernel keeps the list of interest and returns what is ready.
  EPOLL("epoll", "the kernel keeps the list and returns what is ready (level-triggered)"),
  /// `epoll(7)`, edge-triggered: told once per change, so every descriptor is drained when told.
  EPOLL_ET("epoll-et", "the same, told only of changes (edge-triggered)"),
  /// `io_uring(7)`: operations are submitted, and their completions come back; no readiness at all.
  IO_URING("io_uring", "operations are submitted and their completions come back"),
  /// A virtual thread per client; it is parked when there is nothing to receive, and `epoll(7)`
  /// tells when to unpark it. It is another thread from time to time: what a callback leaves in a
  /// thread-local, a later one need not find.
  VIRTUAL("virtual", "a virtual thread per client, parked until epoll says that it can go on"),
  /// The JDK's `Selector`: no native call of ours, so it runs on macOS and Windows too.
  NIO("nio", "the JDK's own selector: also on macOS and Windows"),
  /// `epoll` where the kernel can be called, `io_uring` if direct descriptors are asked for, else
  /// `nio`; [Engine#choice] says which it is, and why.
  AUTO("auto", "the best of these that works here");

  private final String word;
  private final String summary;

  IoModel(String word, String summary) {
    this.word = word;
    this.summary = summary;
  }

  /// The word for the command line and for configuration: `epoll-et`.
  public String word() {
    return word;
  }

  /// What the model does, in one line.
  public String summary() {
    return summary;
  }

  /// Whether one loop serves many connections, so that the number of loops can be chosen.
  public boolean usesLoops() {
    return this != BLOCKING && this != VIRTUAL;
  }

  /// The model of that word.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists the words that there are
  public static IoModel of(String word) {
    for (IoModel model : values()) {
      if (model.word.equals(word.toLowerCase(Locale.ROOT))) {
        return model;
      }
    }
    throw new IllegalArgumentException(
        "no I/O model '"
            + word
            + "'; there are: "
            + Arrays.stream(values()).map(IoModel::word).collect(Collectors.joining(", ")));
  }

  @Override
  public String toString() {
    return word;
  }
}
