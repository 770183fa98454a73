package dev.pollux.websocket;

/// What was compressed, and what became of it: the messages of all connections that share a
/// [DeflateStreams].
///
/// @param messagesIn compressed messages that arrived whole
/// @param deflatedBytesIn bytes of compressed payload that arrived
/// @param inflatedBytesIn what they became
/// @param messagesOut messages sent compressed; one in parts counts with its first part
/// @param inflatedBytesOut their bytes before
/// @param deflatedBytesOut their bytes on the wire, without frame headers
/// @param compressions how often a message or a part of one was compressed: a message for many is
///   once, however many are sent it
public record DeflateStatistics(
    long messagesIn,
    long deflatedBytesIn,
    long inflatedBytesIn,
    long messagesOut,
    long inflatedBytesOut,
    long deflatedBytesOut,
    long compressions) {

  /// Nothing.
  public static final DeflateStatistics NONE = new DeflateStatistics(0, 0, 0, 0, 0, 0, 0);
}
