/// The engines. Not API.
///
/// [dev.pollux.net.internal.LoopEngine] runs loops: [dev.pollux.net.internal.ReadinessLoop] over a
/// [dev.pollux.net.internal.Poller]. [dev.pollux.net.internal.ThreadEngine] runs a thread a
/// connection.
@NullMarked
package dev.pollux.net.internal;

import org.jspecify.annotations.NullMarked;
