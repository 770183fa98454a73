package dev.pollux.client;

import dev.pollux.net.EngineStatistics;
import dev.pollux.session.SessionStatistics;

/// What a client has done so far.
///
/// @param engine connections and system calls
/// @param sessions WebSockets and messages
public record ClientStatistics(EngineStatistics engine, SessionStatistics sessions) {}
