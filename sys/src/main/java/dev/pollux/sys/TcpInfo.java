package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// What the kernel knows of a TCP connection: the first members of `struct tcp_info`
/// (`linux/tcp.h`), which the option [Socket#TCP_INFO] of tcp(7) fills.
///
/// It belongs to the thread that uses it; its memory to the arena that it was allocated from.
public final class TcpInfo {
  private static final int BYTES = 152;
  private static final int PROBES = 3;
  private static final int UNACKED = 24;
  private static final int LAST_ACK_RECV = 56;
  private static final int BYTES_RECEIVED = 128;
  private static final int NOTSENT_BYTES = 144;

  private final MemorySegment segment;

  private TcpInfo(MemorySegment segment) {
    this.segment = segment;
  }

  /// All zero, for a call that fills it.
  public static TcpInfo allocate(Arena arena) {
    return new TcpInfo(arena.allocate(BYTES, JAVA_LONG.byteAlignment()));
  }

  /// What getsockopt(2) fills.
  public MemorySegment segment() {
    return segment;
  }

  /// `tcpi_unacked`: segments that are sent and not acknowledged.
  public int segmentsUnacknowledged() {
    return segment.get(JAVA_INT, UNACKED);
  }

  /// `tcpi_notsent_bytes`: bytes that the kernel has taken and not sent, for want of room at the
  /// peer or on the way.
  public int bytesNotSent() {
    return segment.get(JAVA_INT, NOTSENT_BYTES);
  }

  /// `tcpi_probes`: probes of a closed window, or of a silent peer, that were not answered.
  public int unansweredProbes() {
    return Byte.toUnsignedInt(segment.get(JAVA_BYTE, PROBES));
  }

  /// `tcpi_last_ack_recv`: milliseconds since the peer has acknowledged anything, if only a probe.
  public int millisSinceAcknowledgement() {
    return segment.get(JAVA_INT, LAST_ACK_RECV);
  }

  /// `tcpi_bytes_received`: bytes that the peer has sent and the kernel has taken, received from it
  /// or not; its FIN counts as one.
  public long bytesReceived() {
    return segment.get(JAVA_LONG, BYTES_RECEIVED);
  }
}
