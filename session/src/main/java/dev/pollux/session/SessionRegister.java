package dev.pollux.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The sessions that are open, as linked lists through the sessions themselves: 8 bytes per
/// session. Sixteen lists, each with its lock, so that loops that open and close sessions seldom
/// meet.
final class SessionRegister {
  private static final int LISTS = 16;

  private final Chain[] chains = new Chain[LISTS];

  SessionRegister() {
    for (int i = 0; i < LISTS; i++) {
      chains[i] = new Chain();
    }
  }

  void add(WebSocketSession session) {
    chainOf(session).add(session);
  }

  void remove(WebSocketSession session) {
    chainOf(session).remove(session);
  }

  /// Those that are open now.
  List<WebSocketSession> snapshot() {
    List<WebSocketSession> sessions = new ArrayList<>();
    for (Chain chain : chains) {
      chain.copyTo(sessions);
    }
    return sessions;
  }

  private Chain chainOf(WebSocketSession session) {
    return chains[System.identityHashCode(session) & (LISTS - 1)];
  }

  private static final class Chain {
    private @Nullable WebSocketSession first;

    synchronized void add(WebSocketSession session) {
      session.nextInRegister = first;
      if (first != null) {
        first.previousInRegister = session;
      }
      first = session;
    }

    synchronized void remove(WebSocketSession session) {
      WebSocketSession previous = session.previousInRegister;
      WebSocketSession next = session.nextInRegister;
      if (previous != null) {
        previous.nextInRegister = next;
      } else if (first == session) {
        first = next;
      }
      if (next != null) {
        next.previousInRegister = previous;
      }
      session.previousInRegister = null;
      session.nextInRegister = null;
    }

    synchronized void copyTo(List<WebSocketSession> sessions) {
      for (WebSocketSession s = first; s != null; s = s.nextInRegister) {
        sessions.add(s);
      }
    }
  }
}
