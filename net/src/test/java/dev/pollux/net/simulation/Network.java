package dev.pollux.net.simulation;

import dev.pollux.sys.Errno;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Between the ends: who listens where, and how long everything takes.
final class Network {
  /// What a remote address is to those who connect to it.
  interface Remote {
    /// What connect(2) says: 0, `-EINPROGRESS` or another error.
    int connect(TcpEnd from);
  }

  final Agenda agenda;
  final Chance chance;
  final int slowestMicros;
  final int leastBuffer;
  final int greatestBuffer;
  private final Map<Integer, ListeningFile> listening = new HashMap<>();
  private final Map<Integer, Remote> remotes = new HashMap<>();
  private int nextPort = 40_000;

  Network(Agenda agenda, Chance chance) {
    this.agenda = agenda;
    this.chance = chance;
    this.slowestMicros = chance.percent(50) ? 50 : chance.between(1, 4_000);
    this.leastBuffer = chance.between(64, 1_024);
    this.greatestBuffer = leastBuffer + chance.between(0, 4_096);
  }

  long delay() {
    return chance.micros(slowestMicros);
  }

  int bufferBytes() {
    return chance.between(leastBuffer, greatestBuffer);
  }

  int freePort() {
    return nextPort++;
  }

  /// Null if the port is taken.
  @Nullable ListeningFile bind(int port, int backlog) {
    if (listening.containsKey(port)) {
      return null;
    }
    ListeningFile file = new ListeningFile(this, port, backlog);
    listening.put(port, file);
    return file;
  }

  void unbind(ListeningFile file) {
    listening.remove(file.port());
  }

  void put(int port, Remote remote) {
    remotes.put(port, remote);
  }

  /// connect(2) of a program to some address.
  int connect(TcpEnd from, int port) {
    Remote remote = remotes.get(port);
    if (remote != null) {
      return remote.connect(from);
    }
    from.connecting();
    agenda.after(delay(), () -> arrive(from, port));
    return -Errno.EINPROGRESS;
  }

  /// The SYN is there.
  private void arrive(TcpEnd from, int port) {
    if (from.isGone()) {
      // Nobody completes the handshake.
      return;
    }
    ListeningFile file = listening.get(port);
    if (file == null || !file.hasRoom()) {
      agenda.after(delay(), () -> from.refused(Errno.ECONNREFUSED));
      return;
    }
    TcpEnd accepted = new TcpEnd(this, bufferBytes(), bufferBytes());
    accepted.localPort = port;
    join(accepted, from);
    accepted.established();
    file.add(accepted);
    agenda.after(delay(), from::established);
  }

  static void join(TcpEnd one, TcpEnd other) {
    one.peer = other;
    other.peer = one;
    one.remotePort = other.localPort;
    other.remotePort = one.localPort;
  }
}
