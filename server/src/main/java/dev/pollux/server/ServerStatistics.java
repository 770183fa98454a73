package dev.pollux.server;

import dev.pollux.net.EngineStatistics;
import dev.pollux.net.MemoryStatistics;
import dev.pollux.session.SessionStatistics;

/// What a server has done so far.
///
/// @param engine connections and system calls
/// @param sessions WebSockets and messages
/// @param requests HTTP requests answered, upgrades among them
/// @param badRequests HTTP requests answered with a status of 400 or above
/// @param handshakeTimeouts connections closed because their request was not complete in time
/// @param failures HTTP requests, upgrades among them, that failed because an authenticator, a
///   handler factory, a handler before its `onOpen`, a page or the server itself did: answered with
///   500, and logged
/// @param memory what is used of the memory budget, and what was refused because of it
public record ServerStatistics(
    EngineStatistics engine,
    SessionStatistics sessions,
    long requests,
    long badRequests,
    long handshakeTimeouts,
    long failures,
    MemoryStatistics memory) {}
