package dev.pollux.cli;

import dev.pollux.sys.SyscallLedger.Snapshot;
import dev.pollux.sys.SystemCall;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Three samples as figures: totals since the first, rates since the one before.
///
/// A figure "per message" is of messages received; it is null if there was none.
record Figures(Sample first, Sample before, Sample now) {

  String json(List<ThreadStates.Group> threads) {
    Json json = new Json().object();
    json.member("model", now.choice().model().word());
    if (now.choice().isAutomatic()) {
      json.member("whyThisModel", now.choice().reason());
    }
    json.member("loops", now.loops())
        .member("uptimeSeconds", seconds(first))
        .member("intervalSeconds", seconds(before))
        .member("connections", now.connections())
        .member("viewers", now.viewers());
    json.object("messages")
        .member("in", now.messagesIn())
        .member("out", now.messagesOut())
        .member("inPerSecond", perSecond(now.messagesIn() - before.messagesIn()))
        .member("outPerSecond", perSecond(now.messagesOut() - before.messagesOut()))
        .end();
    systemCalls(json);
    rate(json, "wouldBlock", wouldBlock(now), wouldBlock(before));
    rate(json, "wakeups", now.engine().wakeups(), before.engine().wakeups());
    rate(json, "vainWakeups", now.engine().vainWakeups(), before.engine().vainWakeups());
    double cpu = cpuSeconds(before);
    json.object("cpu")
        .member("percent", hasInterval() ? 100 * cpu / seconds(before) : 0.0)
        .member("microsPerMessage", 1e6 * cpu / messages(before))
        .member("microsPerMessageTotal", 1e6 * cpuSeconds(first) / messages(first))
        .end();
    json.member("heapBytes", now.heapBytes()).member("threads", now.threads()).array("now");
    for (ThreadStates.Group group : threads) {
      json.object()
          .member("role", group.role())
          .member("doing", group.doing())
          .member("threads", group.threads())
          .end();
    }
    return json.end().end().toString();
  }

  private void systemCalls(Json json) {
    Snapshot total = now.engine().systemCalls();
    Snapshot recent = total.minus(before.engine().systemCalls());
    json.object("systemCalls")
        .member("total", total.totalCalls())
        .member("perSecond", perSecond(recent.totalCalls()))
        .member("perMessage", recent.totalCalls() / messages(before))
        .member("perMessageTotal", total.totalCalls() / messages(first))
        .array("byName");
    for (SystemCall call : SystemCall.values()) {
      if (total.calls(call) > 0) {
        json.object()
            .member("name", call.callName())
            .member("total", total.calls(call))
            .member("perSecond", perSecond(recent.calls(call)))
            .member("perMessage", recent.calls(call) / messages(before))
            .member("perMessageTotal", total.calls(call) / messages(first))
            .member("wouldBlock", total.wouldBlock(call))
            .end();
      }
    }
    json.end().end();
  }

  private void rate(Json json, String name, long nowCount, long beforeCount) {
    json.object(name)
        .member("total", nowCount)
        .member("perSecond", perSecond(nowCount - beforeCount))
        .end();
  }

  private static long wouldBlock(Sample sample) {
    long total = 0;
    for (SystemCall call : SystemCall.values()) {
      total += sample.engine().systemCalls().wouldBlock(call);
    }
    return total;
  }

  /// The first figures have none yet.
  private boolean hasInterval() {
    return now.nanos() > before.nanos();
  }

  private double perSecond(long count) {
    return hasInterval() ? count / seconds(before) : 0;
  }

  private double seconds(Sample since) {
    return (now.nanos() - since.nanos()) / (double) TimeUnit.SECONDS.toNanos(1);
  }

  private double cpuSeconds(Sample since) {
    return (now.cpuNanos() - since.cpuNanos()) / (double) TimeUnit.SECONDS.toNanos(1);
  }

  private double messages(Sample since) {
    return now.messagesIn() - since.messagesIn();
  }
}
