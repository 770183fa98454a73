package dev.pollux.session;

/// How much output may wait for a peer that reads slowly, and what happens beyond that.
///
/// ```
///   0 ........ low ................ high ................... max ........... max + one message
///   ACCEPTED   onDrain is told here  BACKPRESSURE from here   DROP or CLOSE from here
/// ```
///
/// @param highWatermarkBytes above this a send returns [SendStatus#BACKPRESSURE]
/// @param lowWatermarkBytes at or below this [WebSocketHandler#onDrain] is called
/// @param maxPendingBytes while more than this is pending nothing is accepted, so that what is
///   pending is bounded by this and one message of each sender; a message in parts, and what waits
///   behind it, are bounded apart, so that the end of it can always go out
/// @param overflow what happens to a message beyond the bound
/// @param pauseReading whether nothing is read from a client while more than the high watermark is
///   pending for it, until the low one is reached. Reading stops between two frames, also in the
///   midst of what was received at once: a client that sends much and reads little then waits, and
///   a handler that answers each message loses nothing. A client's own side never stops reading, so
///   that two ends can't both wait for the other to read
public record OutputPolicy(
    int highWatermarkBytes,
    int lowWatermarkBytes,
    int maxPendingBytes,
    Overflow overflow,
    boolean pauseReading) {

  /// What happens when [#maxPendingBytes] is exceeded.
  public enum Overflow {
    /// The message is dropped; the WebSocket goes on.
    DROP,
    /// The message is dropped and the WebSocket closed with 1013 (try again later): for protocols
    /// in which a missing message is worse than a new connection.
    CLOSE
  }

  /// 64 KiB, 16 KiB, 1 MiB, drop, pause.
  public static final OutputPolicy DEFAULT =
      new OutputPolicy(64 * 1024, 16 * 1024, 1024 * 1024, Overflow.DROP, true);

  public OutputPolicy {
    if (lowWatermarkBytes < 0
        || highWatermarkBytes < lowWatermarkBytes
        || maxPendingBytes < highWatermarkBytes
        || maxPendingBytes > 1 << 30) {
      throw new IllegalArgumentException(
          ("watermarks are low %d, high %d, max %d bytes; "
                  + "they must be 0 <= low <= high <= max <= 1 GiB")
              .formatted(lowWatermarkBytes, highWatermarkBytes, maxPendingBytes));
    }
  }

  public OutputPolicy withWatermarks(int lowBytes, int highBytes) {
    return new OutputPolicy(highBytes, lowBytes, maxPendingBytes, overflow, pauseReading);
  }

  public OutputPolicy withMaxPendingBytes(int bytes) {
    return new OutputPolicy(highWatermarkBytes, lowWatermarkBytes, bytes, overflow, pauseReading);
  }

  public OutputPolicy withOverflow(Overflow what) {
    return new OutputPolicy(
        highWatermarkBytes, lowWatermarkBytes, maxPendingBytes, what, pauseReading);
  }

  public OutputPolicy withPauseReading(boolean pause) {
    return new OutputPolicy(
        highWatermarkBytes, lowWatermarkBytes, maxPendingBytes, overflow, pause);
  }
}
