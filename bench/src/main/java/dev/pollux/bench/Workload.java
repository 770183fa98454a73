package dev.pollux.bench;

import dev.pollux.lab.load.LoadPlan;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What the servers are made to do.
///
/// @param name a word for `--workloads`
/// @param meaning for the table
/// @param unit what CPU time is divided by: a message, a delivery
/// @param variant how the server has to be started
/// @param service what the server does
/// @param control the workload that the same server is compared with, instead of comparing it with
///   the reference; they take turns
/// @param apart whether its connections would weigh on its control, which then has a process of the
///   server for itself
/// @param load makes the plan out of one for a single connection
record Workload(
    String name,
    String meaning,
    String unit,
    Variant variant,
    Service service,
    Optional<String> control,
    boolean apart,
    UnaryOperator<LoadPlan> load) {

  /// How a server is started: one process cannot serve them all.
  enum Variant {
    PLAIN("ws"),
    TLS("wss"),
    DEFLATE("ws");

    final String scheme;

    Variant(String scheme) {
      this.scheme = scheme;
    }
  }

  /// What a server does for it.
  enum Service {
    /// It sends back what comes.
    ECHO("/echo"),
    /// It sends what comes to all others who are there.
    FANOUT("/fanout"),
    /// It has what comes at `/publish` published by a thread of its application to those of a room.
    ROOMS("/rooms");

    final String path;

    Service(String path) {
      this.path = path;
    }
  }

  private static final String MESSAGE = "message";
  private static final String DELIVERY = "delivery";

  /// For `--workloads`: those of these names that publish one message at a time.
  private static final String PUBLISHING = "W7";

  private static final String BURST = "W7-burst";

  static final List<Workload> ALL =
      List.of(
          echo("W1", "1,000 connections, 64 B, one at a time", plan -> plan.withConnections(1_000)),
          echo(
              "W2",
              "100 connections, 64 B, 16 in flight",
              plan -> plan.withConnections(100).withInFlight(16)),
          echo(
              "W3",
              "100 connections, 16 KiB, one at a time",
              plan -> plan.withConnections(100).withPayloadBytes(16_384)),
          echo(
              "W4-control",
              "100 connections, 64 B, one at a time; what W4 is compared with",
              plan -> plan.withConnections(100)),
          new Workload(
              "W4",
              "the same 100 among 10,000 connections; ratio to W4-control",
              MESSAGE,
              Variant.PLAIN,
              Service.ECHO,
              Optional.of("W4-control"),
              true,
              plan -> plan.withConnections(10_000, 100)),
          new Workload(
              "W6",
              "one message of 64 B to 5,000 subscribers",
              DELIVERY,
              Variant.PLAIN,
              Service.FANOUT,
              Optional.empty(),
              false,
              plan -> plan.withMode(LoadPlan.Mode.FAN_OUT).withConnections(5_000)),
          published("W7-1", "1 receiver", plan -> plan.withRooms(1, 1)),
          published("W7-100", "100 receivers", plan -> plan.withRooms(1, 100)),
          published("W7-5000", "5,000 receivers", plan -> plan.withRooms(1, 5_000)),
          published("W7-rooms", "1,000 rooms of 10, in turn", plan -> plan.withRooms(1_000, 10)),
          published(
              BURST,
              "5,000 receivers, 16 messages in a row",
              plan -> plan.withRooms(1, 5_000).withBurstsOf(16)),
          new Workload(
              "text",
              "W3 in text frames, UTF-8 checked; ratio to W3",
              MESSAGE,
              Variant.PLAIN,
              Service.ECHO,
              Optional.of("W3"),
              false,
              plan -> plan.withConnections(100).withPayloadBytes(16_384).withText(true)),
          new Workload(
              "tls",
              "100 connections, 1 KiB, one at a time, over TLS 1.3; ratio to the first server",
              MESSAGE,
              Variant.TLS,
              Service.ECHO,
              Optional.empty(),
              false,
              plan -> plan.withConnections(100).withPayloadBytes(1_024)),
          new Workload(
              "deflate",
              "100 connections, 1 KiB of words, one at a time, compressed both ways; ratio to the"
                  + " first server",
              MESSAGE,
              Variant.DEFLATE,
              Service.ECHO,
              Optional.empty(),
              false,
              plan ->
                  plan.withConnections(100)
                      .withPayloadBytes(1_024)
                      .withText(true)
                      .withCompressed(true)));

  private static Workload echo(String name, String meaning, UnaryOperator<LoadPlan> load) {
    return new Workload(
        name, meaning, MESSAGE, Variant.PLAIN, Service.ECHO, Optional.empty(), false, load);
  }

  private static Workload published(String name, String to, UnaryOperator<LoadPlan> load) {
    return new Workload(
        name,
        "256 B from a thread of the application to " + to,
        DELIVERY,
        Variant.PLAIN,
        Service.ROOMS,
        Optional.empty(),
        false,
        plan -> load.apply(plan).withPayloadBytes(256));
  }

  /// Whether it is run without being asked for. A burst is not: a server that loses a message of it
  /// ends the run.
  boolean isUsual() {
    return !name.equals(BURST);
  }

  /// Whether it is meant by a word of `--workloads`.
  boolean isMeantBy(String word) {
    return word.equals(name) || (word.equals(PUBLISHING) && service == Service.ROOMS && isUsual());
  }

  /// Those that take turns with each other, together: a workload and its control. The others are
  /// alone.
  static List<List<Workload>> groups(List<Workload> some) {
    Map<String, List<Workload>> groups = new LinkedHashMap<>();
    for (Workload workload : some) {
      groups
          .computeIfAbsent(workload.control.orElse(workload.name), name -> new ArrayList<>())
          .add(workload);
    }
    return List.copyOf(groups.values());
  }

  /// Whether its ratio is that to the first server. A workload with a control has the ratio to
  /// that; and the control of one that is measured apart has none, because the servers come one
  /// after the other there.
  boolean isComparedWithTheFirst() {
    return control.isEmpty()
        && ALL.stream().noneMatch(other -> other.apart && other.control.equals(Optional.of(name)));
  }

  /// More than one of them.
  String units() {
    return unit.endsWith("y") ? unit.substring(0, unit.length() - 1) + "ies" : unit + "s";
  }

  /// Whether it is one of those that the bars of an echo are set for, and gets all rounds.
  boolean isMain() {
    return name.equals("W1") || name.equals("W2") || name.equals("W3");
  }

  /// The plan against a server.
  LoadPlan planFor(int port, long serverPid) {
    String server = variant.scheme + "://127.0.0.1:" + port;
    LoadPlan plan = LoadPlan.of(URI.create(server + service.path));
    if (service == Service.ROOMS) {
      plan = plan.withPublishUri(server + "/publish");
    }
    return load.apply(plan).withServerPid(serverPid);
  }
}
