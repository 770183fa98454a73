package dev.pollux.lab.load;

import dev.pollux.net.IoModel;
import dev.pollux.websocket.WebSocketLimits;
import java.io.Serializable;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;
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
/// @param compressed whether permessage-deflate (RFC 7692) is offered, and all messages sent
///   compressed; they are then made of words
/// @param rooms rooms over which the subscribers of [Mode#FAN_OUT] are spread evenly; 0 for none. A
///   subscriber connects to `uri` with the number of its room as query. Each message of the
///   publisher is for the next room: it begins with the number of that, as four bytes, big-endian,
///   which the subscribers do not get
/// @param inBursts whether the publisher of [Mode#FAN_OUT] sends `inFlight` messages in a row, and
///   as many again when all of them have come; else the next one for each that has come
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
    @Nullable String publishUri,
    boolean compressed,
    int rooms,
    boolean inBursts)
    implements Serializable {

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
    requireBetween("rooms", rooms, 0, connections);
    if (rooms > 0 && (mode != Mode.FAN_OUT || compressed || connections % rooms != 0)) {
      throw new IllegalArgumentException(
          "rooms are for a fan-out without compression, to as many connections in each of them");
    }
    if (inBursts && (mode != Mode.FAN_OUT || ratePerSecond > 0)) {
      throw new IllegalArgumentException("bursts are for a fan-out without a rate");
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
        null,
        false,
        0,
        false);
  }

  /// This many connections, all of them active.
  public LoadPlan withConnections(int count) {
    return withConnections(count, count);
  }

  /// This many connections, of which so many are active.
  public LoadPlan withConnections(int count, int activeCount) {
    return with(draft -> {
      draft.connections = count;
      draft.active = activeCount;
    });
  }

  public LoadPlan withMode(Mode what) {
    return with(draft -> draft.mode = what);
  }

  public LoadPlan withPayloadBytes(int bytes) {
    return with(draft -> draft.payloadBytes = bytes);
  }

  public LoadPlan withInFlight(int messages) {
    return with(draft -> draft.inFlight = messages);
  }

  public LoadPlan withRatePerSecond(double rate) {
    return with(draft -> draft.ratePerSecond = rate);
  }

  public LoadPlan withText(boolean instead) {
    return with(draft -> draft.text = instead);
  }

  public LoadPlan withTimes(long warmUp, long duration, long ramp) {
    return with(draft -> {
      draft.warmUpMillis = warmUp;
      draft.durationMillis = duration;
      draft.rampMillis = ramp;
    });
  }

  public LoadPlan withSources(List<String> addresses) {
    return with(draft -> draft.sources = addresses);
  }

  public LoadPlan withModel(IoModel io, int loopCount) {
    return with(draft -> {
      draft.model = io.word();
      draft.loops = loopCount;
    });
  }

  public LoadPlan withSeed(long value) {
    return with(draft -> draft.seed = value);
  }

  public LoadPlan withServerPid(long pid) {
    return with(draft -> draft.serverPid = pid);
  }

  public LoadPlan withPublishUri(@Nullable String address) {
    return with(draft -> draft.publishUri = address);
  }

  /// Whether to offer compression, and to send compressed messages.
  public LoadPlan withCompressed(boolean deflated) {
    return with(draft -> draft.compressed = deflated);
  }

  /// So many subscribers in each of so many rooms.
  public LoadPlan withRooms(int count, int subscribersInEach) {
    return with(draft -> {
      draft.mode = Mode.FAN_OUT;
      draft.rooms = count;
      draft.connections = count * subscribersInEach;
      draft.active = draft.connections;
    });
  }

  /// So many messages in a row, and as many again when all have come.
  public LoadPlan withBurstsOf(int messages) {
    return with(draft -> {
      draft.inFlight = messages;
      draft.inBursts = true;
    });
  }

  private LoadPlan with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.plan();
  }

  /// A plan that can be changed.
  private static final class Draft {
    private final String uri;
    private Mode mode;
    private int connections;
    private int active;
    private int payloadBytes;
    private int inFlight;
    private double ratePerSecond;
    private boolean text;
    private long warmUpMillis;
    private long durationMillis;
    private long rampMillis;
    private List<String> sources;
    private String model;
    private int loops;
    private long seed;
    private long serverPid;
    private @Nullable String publishUri;
    private boolean compressed;
    private int rooms;
    private boolean inBursts;

    Draft(LoadPlan plan) {
      uri = plan.uri;
      mode = plan.mode;
      connections = plan.connections;
      active = plan.active;
      payloadBytes = plan.payloadBytes;
      inFlight = plan.inFlight;
      ratePerSecond = plan.ratePerSecond;
      text = plan.text;
      warmUpMillis = plan.warmUpMillis;
      durationMillis = plan.durationMillis;
      rampMillis = plan.rampMillis;
      sources = plan.sources;
      model = plan.model;
      loops = plan.loops;
      seed = plan.seed;
      serverPid = plan.serverPid;
      publishUri = plan.publishUri;
      compressed = plan.compressed;
      rooms = plan.rooms;
      inBursts = plan.inBursts;
    }

    LoadPlan plan() {
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
          publishUri,
          compressed,
          rooms,
          inBursts);
    }
  }

  /// Connections that the load opens.
  int openedConnections() {
    return mode == Mode.FAN_OUT ? connections + 1 : connections;
  }

  /// Subscribers that a message of the publisher is for, in [Mode#FAN_OUT].
  int audience() {
    return connections / Math.max(1, rooms);
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
