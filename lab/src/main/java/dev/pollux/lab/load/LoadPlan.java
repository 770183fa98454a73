package dev.pollux.lab.load;

import dev.pollux.net.IoModel;
import dev.pollux.websocket.WebSocketLimits;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a load does. It is plain data, so that a plan can be handed to another process as JSON.
///
/// @param uri the server: `ws://127.0.0.1:8080/echo`
/// @param mode what is expected of the server
/// @param connections connections to hold open; in [Mode#FAN_OUT] one more publishes
/// @param active connections that send, in [Mode#ECHO]; the others are held open
/// @param payloadBytes bytes of each message
/// @param inFlight messages that are outstanding at once, on each active connection or of the
///   publisher; with a rate, the most that may be
/// @param ratePerSecond messages sent in a second by all active connections together, evenly
///   spaced; 0 for a closed loop, in which an answer brings the next message
/// @param text whether messages are text; else binary
/// @param warmUpMillis how long it runs before it is measured
/// @param durationMillis how long it is measured
/// @param rampMillis over how long the opening of the connections is spread; 0 for as fast as it
///   goes
/// @param sources addresses of this machine to connect from, in turn; none for 127.0.0.1,
///   127.0.0.2, ... with 20,000 connections each where the server is on 127.0.0.0/8
/// @param model how the load itself waits for I/O: the word of an [IoModel]
/// @param loops event loops of the load; 0 for one per core
/// @param seed what the payloads are made from
/// @param serverPid the server's process, whose CPU time is then reported; 0 for none
/// @param publishUri where the publisher connects in [Mode#FAN_OUT]; null for `uri`
public record LoadPlan(
    String uri,
    Mode mode,
    int connections,
    int active,
    int payloadBytes,
    int inFlight,
    double ratePerSecond,
    boolean text,
    long warmUpMillis,
    long durationMillis,
    long rampMillis,
    List<String> sources,
    String model,
    int loops,
    long seed,
    long serverPid,
    @Nullable String publishUri) {

  /// What is expected of the server.
  public enum Mode {
    /// Each message comes back on the connection that sent it.
    ECHO,
    /// Each message of one publisher comes to every other connection.
    FAN_OUT,
    /// Connections are held and nothing is sent.
    IDLE
  }

  public LoadPlan {
    sources = List.copyOf(sources);
    requireBetween("connections", connections, 1, 1_000_000);
    requireBetween("active", active, 1, connections);
    requireBetween("payloadBytes", payloadBytes, 0, 64 << 20);
    requireBetween("inFlight", inFlight, 1, 1 << 16);
    requireBetween("warmUpMillis", warmUpMillis, 0, 86_400_000);
    requireBetween("durationMillis", durationMillis, 1, 86_400_000);
    requireBetween("rampMillis", rampMillis, 0, 86_400_000);
    requireBetween("loops", loops, 0, 1024);
    if (!(ratePerSecond >= 0 && ratePerSecond <= 1e8)) {
      throw new IllegalArgumentException(
          "ratePerSecond is " + ratePerSecond + "; it must be from 0 to 100,000,000");
    }
    if (ratePerSecond > 0 && !IoModel.of(model).usesLoops()) {
      throw new IllegalArgumentException(
          "a rate needs an I/O model with loops, which keep the time; " + model + " has none");
    }
    if (mode == Mode.ECHO
        && ratePerSecond == 0
        && (long) active * inFlight * payloadBytes > 1L << 32) {
      throw new IllegalArgumentException(
          "active x inFlight x payloadBytes is above 4 GiB, which would all be under way at once");
    }
  }

  /// One connection that sends binary messages of 64 bytes one at a time over [IoModel#EPOLL]; one
  /// second to warm up, three to measure.
  public static LoadPlan of(URI uri) {
    return new LoadPlan(
        uri.toString(),
        Mode.ECHO,
        1,
        1,
        64,
        1,
        0,
        false,
        1000,
        3000,
        0,
        List.of(),
        IoModel.EPOLL.word(),
        1,
        1,
        0,
        null);
  }

  /// This many connections, all of them active.
  public LoadPlan withConnections(int count) {
    return withConnections(count, count);
  }

  /// This many connections, of which so many are active.
  public LoadPlan withConnections(int count, int activeCount) {
    return new LoadPlan(
        uri,
        mode,
        count,
        activeCount,
        payloadBytes,
        inFlight,
        ratePerSecond,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        model,
        loops,
        seed,
        serverPid,
        publishUri);
  }

  public LoadPlan withMode(Mode what) {
    return new LoadPlan(
        uri,
        what,
        connections,
        active,
        payloadBytes,
        inFlight,
        ratePerSecond,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        model,
        loops,
        seed,
        serverPid,
        publishUri);
  }

  public LoadPlan withPayloadBytes(int bytes) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        bytes,
        inFlight,
        ratePerSecond,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        model,
        loops,
        seed,
        serverPid,
        publishUri);
  }

  public LoadPlan withInFlight(int messages) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        payloadBytes,
        messages,
        ratePerSecond,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        model,
        loops,
        seed,
        serverPid,
        publishUri);
  }

  public LoadPlan withRatePerSecond(double rate) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        payloadBytes,
        inFlight,
        rate,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        model,
        loops,
        seed,
        serverPid,
        publishUri);
  }

  public LoadPlan withText(boolean instead) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        payloadBytes,
        inFlight,
        ratePerSecond,
        instead,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        model,
        loops,
        seed,
        serverPid,
        publishUri);
  }

  public LoadPlan withTimes(long warmUp, long duration, long ramp) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        payloadBytes,
        inFlight,
        ratePerSecond,
        text,
        warmUp,
        duration,
        ramp,
        sources,
        model,
        loops,
        seed,
        serverPid,
        publishUri);
  }

  public LoadPlan withSources(List<String> addresses) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        payloadBytes,
        inFlight,
        ratePerSecond,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        addresses,
        model,
        loops,
        seed,
        serverPid,
        publishUri);
  }

  public LoadPlan withModel(IoModel io, int loopCount) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        payloadBytes,
        inFlight,
        ratePerSecond,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        io.word(),
        loopCount,
        seed,
        serverPid,
        publishUri);
  }

  public LoadPlan withSeed(long value) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        payloadBytes,
        inFlight,
        ratePerSecond,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        model,
        loops,
        value,
        serverPid,
        publishUri);
  }

  public LoadPlan withServerPid(long pid) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        payloadBytes,
        inFlight,
        ratePerSecond,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        model,
        loops,
        seed,
        pid,
        publishUri);
  }

  public LoadPlan withPublishUri(@Nullable String address) {
    return new LoadPlan(
        uri,
        mode,
        connections,
        active,
        payloadBytes,
        inFlight,
        ratePerSecond,
        text,
        warmUpMillis,
        durationMillis,
        rampMillis,
        sources,
        model,
        loops,
        seed,
        serverPid,
        address);
  }

  /// Connections that the load opens.
  int openedConnections() {
    return mode == Mode.FAN_OUT ? connections + 1 : connections;
  }

  /// What a received message may be as long as; handshakes as long as usual.
  WebSocketLimits limits() {
    return WebSocketLimits.DEFAULT.withMaxFrameBytes(Math.max(1 << 20, payloadBytes));
  }

  private static void requireBetween(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be from " + least + " to " + most);
    }
  }
}
