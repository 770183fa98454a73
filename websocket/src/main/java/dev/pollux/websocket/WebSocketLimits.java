package dev.pollux.websocket;

/// What one peer may make this endpoint hold or do (RFC 6455 §10.4). Immutable, shared by all
/// connections.
///
/// @param maxFrameBytes the longest payload of one frame; more is close code 1009
/// @param maxMessageBytes the longest message, all its fragments together; more is close code 1009
/// @param maxFragments the most frames in one message, empty ones included; more is close code 1008
/// @param maxHandshakeBytes the longest head of an HTTP message, its last empty line included; more
///   is status 431, or 414 if the request target alone is longer
/// @param maxHeaders the most header field lines of an HTTP message; more is status 431
public record WebSocketLimits(
    int maxFrameBytes,
    int maxMessageBytes,
    int maxFragments,
    int maxHandshakeBytes,
    int maxHeaders) {
  /// 1 MiB a frame, 1 MiB a message, 1,024 fragments, 16 KiB of handshake in at most 100 headers.
  public static final WebSocketLimits DEFAULT =
      new WebSocketLimits(1 << 20, 1 << 20, 1024, 16 << 10, 100);

  /// The longest that a length of bytes can be set to: the largest `byte[]` of the JDK.
  public static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  public WebSocketLimits {
    // RFC 6455 §5.5: control frames of 125 bytes must always pass.
    requireBetween("maxFrameBytes", maxFrameBytes, 125, MAX_BYTES);
    requireBetween("maxMessageBytes", maxMessageBytes, 1, MAX_BYTES);
    requireBetween("maxFragments", maxFragments, 1, Integer.MAX_VALUE);
    requireBetween("maxHandshakeBytes", maxHandshakeBytes, 128, MAX_BYTES);
    requireBetween("maxHeaders", maxHeaders, 1, Integer.MAX_VALUE);
  }

  /// The defaults.
  public static WebSocketLimits defaults() {
    return DEFAULT;
  }

  public WebSocketLimits withMaxFrameBytes(int bytes) {
    return new WebSocketLimits(bytes, maxMessageBytes, maxFragments, maxHandshakeBytes, maxHeaders);
  }

  public WebSocketLimits withMaxMessageBytes(int bytes) {
    return new WebSocketLimits(maxFrameBytes, bytes, maxFragments, maxHandshakeBytes, maxHeaders);
  }

  public WebSocketLimits withMaxFragments(int fragments) {
    return new WebSocketLimits(
        maxFrameBytes, maxMessageBytes, fragments, maxHandshakeBytes, maxHeaders);
  }

  public WebSocketLimits withMaxHandshakeBytes(int bytes) {
    return new WebSocketLimits(maxFrameBytes, maxMessageBytes, maxFragments, bytes, maxHeaders);
  }

  public WebSocketLimits withMaxHeaders(int headers) {
    return new WebSocketLimits(
        maxFrameBytes, maxMessageBytes, maxFragments, maxHandshakeBytes, headers);
  }

  private static void requireBetween(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + ", must be between " + least + " and " + most);
    }
  }
}
