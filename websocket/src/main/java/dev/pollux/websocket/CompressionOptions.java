package dev.pollux.websocket;

/// What one endpoint wants of permessage-deflate (RFC 7692), and how it compresses. Immutable,
/// shared by all connections. The names with server and client are the RFC's, on either side.
///
/// Without context takeover each message is compressed for itself: a session then keeps no memory
/// for it, only those that are in the middle of a message do. With it, messages that resemble each
/// other become much smaller, and each session keeps a window (`docs/compression.md` has the
/// bytes).
///
/// @param level 0 (nothing) to 9 (smallest): how hard to look for repetitions
/// @param memLevel 1 to 9: how much memory a compressor takes for that, from 1 KiB to 256 KiB
/// @param thresholdBytes shorter messages are sent as they are
/// @param serverNoContextTakeover whether the server compresses each message for itself (§7.1.1.1);
///   a client's wish for it is always granted
/// @param clientNoContextTakeover whether the client is asked to (§7.1.1.2)
/// @param serverMaxWindowBits 9 to 15: how far back the server's messages refer, 2^bits bytes
///   (§7.1.2.1); a client's wish for less is granted, down to 9
/// @param clientMaxWindowBits 9 to 15: how far back a client's messages are to refer, if it can be
///   told to (§7.1.2.2)
public record CompressionOptions(
    int level,
    int memLevel,
    int thresholdBytes,
    boolean serverNoContextTakeover,
    boolean clientNoContextTakeover,
    int serverMaxWindowBits,
    int clientMaxWindowBits) {
  /// Level 3, memLevel 8, from 256 bytes on, no context takeover either way, windows of 32 KiB.
  public static final CompressionOptions DEFAULT =
      new CompressionOptions(3, 8, 256, true, true, 15, 15);

  /// zlib's raw deflate refuses 8.
  private static final int LEAST_WINDOW_BITS = 9;

  public CompressionOptions {
    requireBetween("level", level, 0, 9);
    requireBetween("memLevel", memLevel, 1, 9);
    requireBetween("thresholdBytes", thresholdBytes, 0, Integer.MAX_VALUE);
    requireBetween(
        "serverMaxWindowBits", serverMaxWindowBits, LEAST_WINDOW_BITS, Compression.MAX_WINDOW_BITS);
    requireBetween(
        "clientMaxWindowBits", clientMaxWindowBits, LEAST_WINDOW_BITS, Compression.MAX_WINDOW_BITS);
  }

  /// The defaults.
  public static CompressionOptions defaults() {
    return DEFAULT;
  }

  public CompressionOptions withLevel(int much) {
    return new CompressionOptions(
        much,
        memLevel,
        thresholdBytes,
        serverNoContextTakeover,
        clientNoContextTakeover,
        serverMaxWindowBits,
        clientMaxWindowBits);
  }

  public CompressionOptions withMemLevel(int much) {
    return new CompressionOptions(
        level,
        much,
        thresholdBytes,
        serverNoContextTakeover,
        clientNoContextTakeover,
        serverMaxWindowBits,
        clientMaxWindowBits);
  }

  public CompressionOptions withThresholdBytes(int bytes) {
    return new CompressionOptions(
        level,
        memLevel,
        bytes,
        serverNoContextTakeover,
        clientNoContextTakeover,
        serverMaxWindowBits,
        clientMaxWindowBits);
  }

  /// Whether messages may refer to the ones before them.
  public CompressionOptions withContextTakeover(boolean ofServer, boolean ofClient) {
    return new CompressionOptions(
        level,
        memLevel,
        thresholdBytes,
        !ofServer,
        !ofClient,
        serverMaxWindowBits,
        clientMaxWindowBits);
  }

  /// How far back messages may refer, as base-2 logarithms of bytes.
  public CompressionOptions withMaxWindowBits(int ofServer, int ofClient) {
    return new CompressionOptions(
        level,
        memLevel,
        thresholdBytes,
        serverNoContextTakeover,
        clientNoContextTakeover,
        ofServer,
        ofClient);
  }

  private static void requireBetween(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + ", must be between " + least + " and " + most);
    }
  }
}
