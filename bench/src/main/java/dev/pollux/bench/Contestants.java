package dev.pollux.bench;

import dev.pollux.bench.Contestant.Kind;
import dev.pollux.bench.Workload.Service;
import dev.pollux.bench.peer.HelidonPeer;
import dev.pollux.bench.peer.JavaWebSocketPeer;
import dev.pollux.bench.peer.JettyPeer;
import dev.pollux.bench.peer.NettyPeer;
import dev.pollux.bench.peer.PolluxPeer;
import dev.pollux.bench.peer.UndertowPeer;
import dev.pollux.bench.peer.VertxPeer;
import dev.pollux.bench.peer.VirtualThreadPeer;
import dev.pollux.net.IoModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Which servers there are. The standard ones answer the question how far Pollux is from C and from
/// Netty; the others are for `--all`.
final class Contestants {
  /// The server that ratios refer to, where there is a C compiler.
  static final String REFERENCE = "c-epoll";

  private static final List<String> STANDARD =
      List.of(REFERENCE, "epoll", "io_uring", "netty-epoll", "netty-io_uring");
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final List<String> CLASSES =
      List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"));

  private final List<Contestant> all = new ArrayList<>();
  private final List<String> tls;
  private int references;

  /// @param models the I/O models of Pollux that work here
  /// @param keystore what the servers prove themselves with in TLS
  Contestants(List<IoModel> models, Path keystore) {
    tls = List.of("--tls", keystore.toString());
    for (IoModel model : models) {
      all.add(jvm(model.word(), "Pollux " + model.word(), Kind.POLLUX, PolluxPeer.class));
    }
    all.add(jvm("virtual-threads", "JDK virtual threads", Kind.REFERENCE, VirtualThreadPeer.class));
    all.add(jvm("netty-epoll", "Netty epoll", Kind.PEER, NettyPeer.class));
    all.add(jvm("netty-io_uring", "Netty io_uring", Kind.PEER, NettyPeer.class));
    all.add(jvm("vertx", "Vert.x", Kind.PEER, VertxPeer.class));
    all.add(jvm("helidon", "Helidon", Kind.PEER, HelidonPeer.class));
    all.add(jvm("undertow", "Undertow", Kind.PEER, UndertowPeer.class));
    all.add(jvm("jetty", "Jetty", Kind.PEER, JettyPeer.class));
    all.add(jvm("java-websocket", "Java-WebSocket", Kind.PEER, JavaWebSocketPeer.class));
  }

  /// Adds a loop in C: behind those that were added before, in front of all others.
  void addReference(String name, String title, Path program) {
    all.add(
        references++,
        new Contestant(
            name,
            title,
            Kind.REFERENCE,
            List.of(program.toString(), "0"),
            EnumSet.allOf(Service.class),
            List.of(),
            List.of()));
  }

  /// Adds a peer that is no program of a JVM: behind all others.
  void addPeer(String name, String title, List<String> command) {
    all.add(
        new Contestant(
            name, title, Kind.PEER, command, EnumSet.allOf(Service.class), List.of(), List.of()));
  }

  /// A server by its command, which the shell runs; its first line with `:PORT` says its port.
  ///
  /// @param given `NAME=COMMAND`
  /// @throws IllegalArgumentException if it is not that, or the name is taken
  Contestant given(String given) {
    int equals = given.indexOf('=');
    if (equals < 1 || equals == given.length() - 1) {
      throw new IllegalArgumentException("'" + given + "' is not NAME=COMMAND");
    }
    String name = given.substring(0, equals);
    if (names().contains(name)) {
      throw new IllegalArgumentException("there is a server '" + name + "' already");
    }
    // Without exec the process whose CPU time is read would be the shell.
    List<String> command = List.of("sh", "-c", "exec " + given.substring(equals + 1));
    Contestant contestant =
        new Contestant(name, name, Kind.GIVEN, command, Set.of(Service.ECHO), List.of(), List.of());
    all.add(contestant);
    return contestant;
  }

  /// The standard ones that are there.
  List<Contestant> standard() {
    return all.stream().filter(contestant -> STANDARD.contains(contestant.name())).toList();
  }

  /// One of each peer, and Pollux's models of the standard set.
  List<Contestant> everyPeer() {
    return all.stream()
        .filter(
            contestant -> contestant.kind() != Kind.POLLUX || STANDARD.contains(contestant.name()))
        .toList();
  }

  /// Those with these names, in that order. Behind a name and `@` there may be options of its JVM.
  ///
  /// @throws IllegalArgumentException naming the one that is not there, and those that are
  List<Contestant> named(List<String> names) {
    return names.stream().map(this::named).toList();
  }

  private Contestant named(String asked) {
    int mark = asked.indexOf(JvmOptions.MARK);
    String name = mark < 0 ? asked : asked.substring(0, mark);
    Contestant found =
        all.stream()
            .filter(contestant -> contestant.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "no server '" + name + "' here; there are: " + String.join(", ", names())));
    return mark < 0 ? found : found.withJvmOptions(asked.substring(mark + 1));
  }

  List<String> names() {
    return all.stream().map(Contestant::name).toList();
  }

  private Contestant jvm(String name, String title, Kind kind, Class<?> program) {
    String word = name.startsWith("netty-") ? name.substring("netty-".length()) : name;
    List<String> command =
        Stream.of(
                List.of(JAVA),
                JvmOptions.TOUCHED_HEAP,
                JvmOptions.COMMON,
                CLASSES,
                List.of(program.getName(), word))
            .flatMap(List::stream)
            .toList();
    boolean reference = kind == Kind.REFERENCE;
    // Helidon 4 and the reference negotiate no extension; Jetty's is on by itself.
    boolean deflates = !reference && program != HelidonPeer.class;
    return new Contestant(
        name,
        title,
        kind,
        command,
        reference ? Set.of(Service.ECHO, Service.ROOMS) : EnumSet.allOf(Service.class),
        reference ? List.of() : tls,
        deflates ? List.of("--deflate") : List.of());
  }

  /// The words for a JVM, for the report.
  static String jvmFlags() {
    return String.join(" ", JvmOptions.COMMON);
  }
}
