package dev.pollux.net.internal.ring;

import java.util.ArrayList;
import java.util.List;

/// The listeners of a ring's loop, each known to the completions by its id.
public final class UringListeners {
  private final List<UringListener> listeners = new ArrayList<>();

  public void add(UringListener listener) {
    listeners.add(listener);
  }

  /// An operation of the listener of that id has completed. One that is gone is told nothing.
  public void onCompletion(int id, int opcode, int what, int result, int flags) {
    for (int i = 0; i < listeners.size(); i++) {
      UringListener listener = listeners.get(i);
      if (listener.id() == id) {
        listener.onCompletion(opcode, what, result, flags);
        if (listener.isOver()) {
          listeners.remove(i);
        }
        return;
      }
    }
  }

  public void onTurn(long now) {
    for (int i = 0; i < listeners.size(); i++) {
      listeners.get(i).onTurn(now);
    }
  }

  /// The earlier one of a timer that is due in `next` nanoseconds (-1 for none) and their own.
  public long nanosToNextTimer(long now, long next) {
    long first = next;
    for (int i = 0; i < listeners.size(); i++) {
      long due = listeners.get(i).nanosToNextTimer(now);
      first = due < 0 ? first : first < 0 ? due : Math.min(first, due);
    }
    return first;
  }

  public void close() {
    listeners.forEach(UringListener::close);
  }

  /// Whether all are closed, and nothing is under way for them that could bring a client.
  public boolean areOver() {
    return listeners.stream().allMatch(UringListener::isOver);
  }
}
