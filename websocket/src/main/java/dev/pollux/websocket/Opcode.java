package dev.pollux.websocket;

/// What a frame is (RFC 6455 §5.2 and §11.8). Plain ints, because a frame is never an object here.
public final class Opcode {
  public static final int CONTINUATION = 0x0;
  public static final int TEXT = 0x1;
  public static final int BINARY = 0x2;
  public static final int CLOSE = 0x8;
  public static final int PING = 0x9;
  public static final int PONG = 0xA;

  private Opcode() {}

  /// Whether the opcode is one of a control frame, also of a reserved one (RFC 6455 §5.5: the most
  /// significant of the four bits is set).
  public static boolean isControl(int opcode) {
    return (opcode & 0x8) != 0;
  }

  /// Whether RFC 6455 §5.2 defines the opcode; 3-7 and 11-15 are reserved.
  public static boolean isKnown(int opcode) {
    return (opcode >= CONTINUATION && opcode <= BINARY) || (opcode >= CLOSE && opcode <= PONG);
  }

  /// The opcode's word in RFC 6455, for messages to people.
  public static String name(int opcode) {
    return switch (opcode) {
      case CONTINUATION -> "continuation";
      case TEXT -> "text";
      case BINARY -> "binary";
      case CLOSE -> "close";
      case PING -> "ping";
      case PONG -> "pong";
      default -> "reserved opcode " + opcode;
    };
  }
}
