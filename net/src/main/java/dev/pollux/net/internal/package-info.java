/// The engines. Not API.
///
/// [dev.pollux.net.internal.loop.LoopEngine] runs loops:
/// [dev.pollux.net.internal.readiness.ReadinessLoop] over a
/// [dev.pollux.net.internal.readiness.Poller]. [dev.pollux.net.internal.thread.ThreadEngine] runs a
/// thread a connection.
@NullMarked
package dev.pollux.net.internal;

import org.jspecify.annotations.NullMarked;
