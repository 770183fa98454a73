package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.net.MemoryBudgetExceededException;
import dev.pollux.websocket.CloseCode;
import java.lang.foreign.MemorySegment;

/// What many sessions are sent, at one of them: the frame is written already, and the connection
/// sends the memory that all send.
final class SharedSends {
  private SharedSends() {}

  /// Writes what is sent to many. As the owner, for a member of its own.
  ///
  /// @return whether it will be sent
  static boolean writeShared(WebSocketSession to, SharedMessage message) {
    try {
      return to.canSend() && writeSharedWithin(to, message);
    } catch (MemoryBudgetExceededException e) {
      // That is said and counted already.
      to.connection.abort();
      return false;
    } catch (Throwable t) {
      // Its members are many, and this one's failure is not the others'.
      HandlerCalls.failed(to, t);
      to.connection.abort();
      return false;
    }
  }

  private static boolean writeSharedWithin(WebSocketSession to, SharedMessage message) {
    OutputPolicy policy = to.sessions.options().output();
    Connection connection = to.connection;
    Extras extras = to.extras;
    int behind = extras == null ? 0 : extras.behindBytes;
    int wire = connection.pendingOutput();
    if (to.sessions.refuses((long) wire + behind)) {
      to.sessions.dropped(1, to);
      if (policy.overflow() == OutputPolicy.Overflow.CLOSE) {
        Closing.start(to, CloseCode.TRY_AGAIN_LATER, Outgoing.TOO_MUCH);
      }
      return false;
    }
    if (extras != null && extras.blocks(message.opcode())) {
      MemorySegment copy = Outgoing.copyOf(message.payload(), 0, message.payloadBytes());
      extras.keep(message.opcode(), copy, message.frameBytes());
      Outgoing.settle(to, false);
    } else if (to.masks) {
      Frames.writeMessage(to, message.opcode(), message.payload(), 0, message.payloadBytes());
    } else {
      connection.append(message.frameFor(to.compression));
    }
    to.active = true;
    if ((long) wire + message.frameBytes() > policy.highWatermarkBytes()) {
      Outgoing.settle(to, false);
    }
    return true;
  }

  /// Counts a message that so many were sent.
  static void countShared(Sessions sessions, SharedMessage message, int receivers) {
    if (receivers > 0) {
      sessions.counters().messagesOut.add(receivers);
      sessions.counters().payloadBytesOut.add((long) receivers * message.payloadBytes());
    }
  }

  /// A message that was sent to this session among others chosen has come out of the inbox.
  static boolean enteredShared(WebSocketSession to, SharedMessage message) {
    to.addInbox(-message.frameBytes());
    return writeShared(to, message);
  }

  /// Accounts for a message that is sent to this session among others chosen, before it is put into
  /// the inbox. Any thread.
  ///
  /// @return whether it is accepted
  static boolean acceptsShared(WebSocketSession to, SharedMessage message) {
    if (!to.isOpen()) {
      return false;
    }
    OutputPolicy policy = to.sessions.options().output();
    if (to.sessions.refuses(Outgoing.pendingBytes(to, true))) {
      Outgoing.refuse(to, policy);
      return false;
    }
    to.addInbox(message.frameBytes());
    return true;
  }
}
