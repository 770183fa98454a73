package dev.pollux.net.simulation;

/// How often the kernel misbehaves as a real one may, out of 10,000 calls where nothing else is
/// said.
///
/// @param interrupted calls that return `EINTR`
/// @param shortened receives and sends that take less than they could
/// @param againTooEarly calls that say `EAGAIN` although they need not; the edge comes later
/// @param broken receives and sends at which the connection breaks (`ECONNRESET`, `EPIPE`)
/// @param noMemory sends, accepts, registrations and waits for which there is no memory (`ENOBUFS`,
///   `ENOMEM`, `ENOSPC`)
/// @param aborted accepts that find that the client has given up (`ECONNABORTED`)
/// @param tableFull accepts for which the system has no file to give (`ENFILE`)
/// @param spurious waits at whose begin some descriptor seems to be ready and is not
/// @param hidden waits at whose begin some descriptor is not told of for a while
/// @param descriptors the limit of descriptors: `RLIMIT_NOFILE`
public record Faults(
    int interrupted,
    int shortened,
    int againTooEarly,
    int broken,
    int noMemory,
    int aborted,
    int tableFull,
    int spurious,
    int hidden,
    int descriptors) {

  public static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 1_024);

  /// Faults that harm no connection: whoever handles them loses nothing.
  public static Faults harmless(Chance chance) {
    return new Faults(
        some(chance, 2_000),
        some(chance, 4_000),
        some(chance, 1_000),
        0,
        0,
        0,
        0,
        some(chance, 1_000),
        some(chance, 1_000),
        1_024);
  }

  /// Any faults.
  public static Faults any(Chance chance) {
    Faults harmless = harmless(chance);
    return new Faults(
        harmless.interrupted,
        harmless.shortened,
        harmless.againTooEarly,
        some(chance, 200),
        some(chance, 200),
        some(chance, 1_000),
        some(chance, 1_000),
        harmless.spurious,
        harmless.hidden,
        chance.percent(30) ? chance.between(9, 16) : 1_024);
  }

  private static int some(Chance chance, int most) {
    return chance.percent(50) ? chance.below(most) : 0;
  }
}
