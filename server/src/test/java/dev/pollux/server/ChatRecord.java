package dev.pollux.server;

import dev.pollux.session.SendStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Every message of a chat: who has sent it, to whom it is due, and who has got it; and what must
/// hold of that.
///
/// Who plays all threads sees everything in one order. So it is known who was a member when a
/// message was published.
final class ChatRecord {
  /// No group: a message to one WebSocket.
  static final int DIRECT = -1;

  private static final byte[] PADDING =
      "to and fro and up and down the wire they go ".getBytes(StandardCharsets.US_ASCII);

  /// @param sender the thread that has sent it
  /// @param open whether others may get it too: who opens while a message to all is under way gets
  ///   it or does not
  private record Sent(int sender, int group, BitSet due, boolean open, String text) {}

  /// What one client has got.
  private static final class Receiver {
    final BitSet got = new BitSet();
    final Map<Integer, Integer> lastOfSender = new HashMap<>();
    final Map<Integer, Integer> lastOfGroup = new HashMap<>();
  }

  private final Function<String, AssertionError> failed;
  private final List<Sent> messages = new ArrayList<>();
  private final List<@Nullable SendStatus> outcomes = new ArrayList<>();
  private final Map<Integer, Receiver> receivers = new HashMap<>();
  private int received;

  ChatRecord(Function<String, AssertionError> failed) {
    this.failed = failed;
  }

  /// A message is about to be sent; returns its number.
  ///
  /// @param due the clients that are to get it
  /// @param open whether others may get it too
  int begin(int sender, int group, BitSet due, boolean open, int length) {
    int id = messages.size();
    StringBuilder text = new StringBuilder().append(id).append(' ');
    while (text.length() < length) {
      text.append((char) PADDING[text.length() % PADDING.length]);
    }
    messages.add(new Sent(sender, group, due, open, text.toString()));
    outcomes.add(null);
    return id;
  }

  String text(int id) {
    return messages.get(id).text();
  }

  /// The send has returned.
  void done(int id, SendStatus status) {
    outcomes.set(id, status);
  }

  /// A client got a message.
  void got(int client, byte[] payload) {
    String text = new String(payload, StandardCharsets.UTF_8);
    int end = text.indexOf(' ');
    int id = end < 0 ? -1 : Integer.parseInt(text.substring(0, end));
    if (id < 0 || id >= messages.size() || !messages.get(id).text().equals(text)) {
      throw failed.apply("client " + client + " got what nobody has sent: " + text);
    }
    received++;
    Sent sent = messages.get(id);
    Receiver receiver = receivers.computeIfAbsent(client, number -> new Receiver());
    if (!sent.due.get(client) && !sent.open) {
      throw failed.apply("client " + client + " got what is not for it: " + describe(id));
    }
    if (receiver.got.get(id)) {
      throw failed.apply("client " + client + " got twice " + describe(id));
    }
    receiver.got.set(id);
    requireLater(client, receiver.lastOfSender.put(sent.sender, id), id, "of its sender");
    if (sent.group != DIRECT) {
      requireLater(client, receiver.lastOfGroup.put(sent.group, id), id, "of its group");
    }
  }

  private void requireLater(int client, @Nullable Integer before, int id, String what) {
    if (before != null && before > id) {
      throw failed.apply(
          "client "
              + client
              + " got "
              + describe(id)
              + " after a later one "
              + what
              + ": "
              + describe(before));
    }
  }

  /// How many messages were received.
  int received() {
    return received;
  }

  // What must hold at the end

  /// What was refused has not come; of what one sender has sent, nothing is missing before
  /// something that has come.
  ///
  /// @param lossless whether no message was dropped by the output policy
  void check(int client, boolean lossless) {
    Receiver receiver = receivers.get(client);
    if (receiver == null) {
      return;
    }
    for (int id = 0; id < messages.size(); id++) {
      Sent sent = messages.get(id);
      boolean got = receiver.got.get(id);
      SendStatus outcome = outcomes.get(id);
      if (got && (outcome == null || !outcome.isAccepted())) {
        throw failed.apply("client " + client + " got what was refused: " + describe(id));
      }
      Integer last = receiver.lastOfSender.get(sent.sender);
      if (lossless && !got && isDue(client, id) && last != null && id < last) {
        throw failed.apply("client " + client + " did not get " + describe(id));
      }
    }
  }

  /// It has got all that is due to it.
  void checkComplete(int client) {
    Receiver receiver = receivers.computeIfAbsent(client, number -> new Receiver());
    for (int id = 0; id < messages.size(); id++) {
      if (isDue(client, id) && !receiver.got.get(id)) {
        throw failed.apply("client " + client + " stays and did not get " + describe(id));
      }
    }
  }

  private boolean isDue(int client, int id) {
    SendStatus outcome = outcomes.get(id);
    return outcome != null && outcome.isAccepted() && messages.get(id).due.get(client);
  }

  private String describe(int id) {
    Sent sent = messages.get(id);
    return "message "
        + id
        + " by thread "
        + sent.sender
        + (sent.group == DIRECT ? " to one" : " to group " + sent.group)
        + " of "
        + Arrays.toString(sent.due.stream().toArray())
        + " ("
        + outcomes.get(id)
        + ")";
  }
}
