package dev.pollux.net;

import dev.pollux.sys.Ring;
import dev.pollux.sys.RingSetup;
import java.util.function.UnaryOperator;

/// How the rings of model `io_uring` are; of no meaning for the others. Each loop has a ring.
///
/// @param direct whether connections live in the rings' own file tables instead of the process's:
///   then they need no descriptor, and their peers' addresses are not known
/// @param directSlots connections that a ring's table has room for, 0 for as many as the limit of
///   descriptors (`RLIMIT_NOFILE`, which bounds each table by itself)
/// @param setup places, receive buffers and features; a receive brings at most
///   [EngineOptions#receiveBufferBytes], except on Linux 6.12 to 6.16, whose receives share two
///   large buffers and cannot be limited
/// @param rings puts something around each ring; for tests and tracing
public record RingOptions(
    boolean direct, int directSlots, RingSetup setup, UnaryOperator<Ring> rings) {

  public static final RingOptions DEFAULT =
      new RingOptions(false, 0, RingSetup.DEFAULT, UnaryOperator.identity());

  public RingOptions {
    if (directSlots < 0 || directSlots > 1 << 20) {
      throw new IllegalArgumentException(
          "directSlots is " + directSlots + "; it must be from 0 to 1,048,576");
    }
  }

  public RingOptions withDirect(boolean ownTables) {
    return new RingOptions(ownTables, directSlots, setup, rings);
  }

  public RingOptions withDirectSlots(int slots) {
    return new RingOptions(direct, slots, setup, rings);
  }

  public RingOptions withSetup(RingSetup other) {
    return new RingOptions(direct, directSlots, other, rings);
  }

  public RingOptions withRings(UnaryOperator<Ring> around) {
    return new RingOptions(direct, directSlots, setup, around);
  }
}
