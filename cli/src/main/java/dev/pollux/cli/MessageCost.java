package dev.pollux.cli;

import dev.pollux.net.IoModel;
import dev.pollux.sys.SyscallLedger.Snapshot;
import dev.pollux.sys.SystemCall;
import org.jspecify.annotations.Nullable;

/// What a message costs the server in system calls, as a viewer finds out: the ledger is read three
/// times, whenever the viewer says so, and a message goes to and fro between the last two.
///
/// ```
///   mark 1 ---- asking alone ---- mark 2 ---- asking, and the message ---- mark 3
/// ```
///
/// Between two marks the server sends an answer to the viewer and receives the next mark, which is
/// what asking costs; it is the same both times, and is taken away. What is left was done for the
/// message: the wait that returned it, what received it and what sent the answer. If several
/// messages were under way it is their average.
///
/// Before mark 1 comes mark 0, once or more often: what told the viewer of the quiet was another
/// thread, and the wake-up that it wrote for that may be read after the answer has gone out. Of the
/// viewer's own thread, except [#quiet].
final class MessageCost {
  private final IoModel model;
  private volatile boolean quiet;
  private boolean ready;
  private @Nullable Sample first;
  private @Nullable Sample second;

  MessageCost(IoModel model) {
    this.model = model;
  }

  /// Forgets the marks; there are new ones when it is [#quiet].
  void begin() {
    quiet = false;
    ready = false;
    first = null;
    second = null;
  }

  /// Whoever told the viewer of the quiet is through with it. That thread.
  void quiet() {
    quiet = true;
  }

  /// The next mark.
  ///
  /// @return what to tell the viewer
  String mark(Sample now) {
    if (!ready) {
      ready = quiet;
      return "{\"mark\":0}";
    }
    if (first == null) {
      first = now;
      return "{\"mark\":1}";
    }
    if (second == null) {
      second = now;
      return "{\"mark\":2}";
    }
    String told = json(first, second, now);
    begin();
    return told;
  }

  private String json(Sample one, Sample two, Sample three) {
    Json json = new Json().object().object("lastMessage");
    double messages = three.messagesIn() - two.messagesIn();
    String why = why(one, two, three, messages);
    if (why != null) {
      return json.member("why", why).end().end().toString();
    }
    Snapshot asking = two.engine().systemCalls().minus(one.engine().systemCalls());
    Snapshot both = three.engine().systemCalls().minus(two.engine().systemCalls());
    Snapshot left = both.minus(asking);
    long total = 0;
    json.member("messages", messages).array("byName");
    for (SystemCall call : SystemCall.values()) {
      long calls = calls(left, call);
      if (calls != 0) {
        total += call.isOperation() ? 0 : calls;
        json.object().member("name", call.callName()).member("perMessage", calls / messages).end();
      }
    }
    return json.end().member("calls", total / messages).end().end().toString();
  }

  /// Why there is no figure; null if there is one.
  private @Nullable String why(Sample one, Sample two, Sample three, double messages) {
    if (model == IoModel.NIO) {
      return "the JDK waits for I/O, and its calls are not counted";
    }
    if (messages < 1) {
      return "no message was under way";
    }
    if (two.messagesIn() != one.messagesIn()) {
      return "others were speaking";
    }
    boolean steady =
        one.engine().accepted() == three.engine().accepted()
            && one.engine().connections() == three.engine().connections();
    return steady ? null : "a client came or went";
  }

  /// A loop that never waits tries all the time, whether there is a message or not.
  private long calls(Snapshot calls, SystemCall call) {
    return calls.calls(call) - (model == IoModel.NONBLOCKING ? calls.wouldBlock(call) : 0);
  }
}
