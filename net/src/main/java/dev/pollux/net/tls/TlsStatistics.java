package dev.pollux.net.tls;

/// What one side of TLS has done so far.
///
/// @param handshaking handshakes under way now
/// @param handshakes handshakes done
/// @param failed connections that ended because TLS failed, in the handshake or later
/// @param timeouts handshakes that were not done in time
/// @param refused connections refused because too many handshakes were under way
/// @param plainText connections of a peer that did not speak TLS
/// @param truncated connections whose peer ended without `close_notify`
/// @param renegotiations connections ended because the peer wanted to renegotiate
public record TlsStatistics(
    int handshaking,
    long handshakes,
    long failed,
    long timeouts,
    long refused,
    long plainText,
    long truncated,
    long renegotiations) {}
