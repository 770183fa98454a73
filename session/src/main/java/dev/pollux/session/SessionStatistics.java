package dev.pollux.session;

import dev.pollux.websocket.DeflateStatistics;

/// What the sessions of one server (or client) have done so far.
///
/// @param open sessions that are open now
/// @param opened sessions opened so far
/// @param messagesIn messages delivered to handlers
/// @param payloadBytesIn their payload in bytes
/// @param messagesOut messages accepted for sending
/// @param payloadBytesOut their payload in bytes
/// @param dropped messages not sent because too much was pending; of a group's message that was
///   refused, one for each member, also for the one that it was not for
/// @param violations connections failed because the peer broke the protocol or a limit
/// @param handlerFailures exceptions of handlers
/// @param closeTimeouts connections aborted because the peer did not answer a close frame in time
/// @param pingTimeouts connections dropped because the peer was silent and answered no ping in time
/// @param idleTimeouts sessions closed because there was no message in either direction for too
///   long
/// @param messageTimeouts sessions closed because a message took too long to come
/// @param pauses times that reading from a peer was paused until its output had drained
/// @param offloads works accepted for offload
/// @param offloadsRefused works refused because too many waited
/// @param compression what was compressed, of the messages above
public record SessionStatistics(
    int open,
    long opened,
    long messagesIn,
    long payloadBytesIn,
    long messagesOut,
    long payloadBytesOut,
    long dropped,
    long violations,
    long handlerFailures,
    long closeTimeouts,
    long pingTimeouts,
    long idleTimeouts,
    long messageTimeouts,
    long pauses,
    long offloads,
    long offloadsRefused,
    DeflateStatistics compression) {}
