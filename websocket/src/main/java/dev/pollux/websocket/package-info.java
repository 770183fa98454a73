/// RFC 6455 without I/O: bytes come in as a [java.lang.foreign.MemorySegment], events and bytes go
/// out.
///
/// ```
///  bytes --> HttpRequestParser --> HttpRequest --> ServerHandshake --> 101, or HttpResponse.refusal
///  bytes --> FrameParser --(FrameSink)--> MessageAssembler --(MessageSink)--> messages, ping, pong, close
///  FrameWriter, Masking --> bytes
/// ```
///
/// No class here is thread-safe: each object belongs to one connection, and a connection's calls
/// never overlap. No class here logs, waits or starts anything.
@NullMarked
package dev.pollux.websocket;

import org.jspecify.annotations.NullMarked;
