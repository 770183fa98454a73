package dev.pollux.net.tls;

import dev.pollux.net.BufferPool;
import dev.pollux.net.internal.memory.BufferViews;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/// The receiving half of a [TlsConnection]: whole records out of whatever pieces arrive.
///
/// ```
///   received --whole records, where they lie--> SSLEngine.unwrap --> plaintext buffer --> protocol inside
///       \--the rest, and all while stalled--> HeldInput --when it goes on, or the record is whole--^
/// ```
///
/// The plaintext buffer is the pool's, borrowed for the length of a call; the records of one
/// receive are delivered together as far as they fit.
final class TlsInput {
  private static final int PLAIN_BYTES = 32 * 1024;

  private final TlsConnection connection;
  private final HeldInput held = new HeldInput();
  private boolean busy;

  TlsInput(TlsConnection connection) {
    this.connection = connection;
  }

  /// Whether records are being worked off, further up on the stack.
  boolean isBusy() {
    return busy;
  }

  boolean holdsNothing() {
    return held.isEmpty();
  }

  /// Works off what arrived, or holds it back.
  void received(MemorySegment buffer, int offset, int length) {
    BufferPool pool = connection.buffers();
    int at = offset;
    int end = offset + length;
    while (at < end && !held.isEmpty() && !connection.isStalled()) {
      int rest = Math.min(missing(), end - at);
      held.append(pool, buffer, at, rest);
      at += rest;
      if (!workOffHeld() && rest == 0) {
        break;
      }
    }
    if (at < end && held.isEmpty()) {
      at = unwrap(buffer, at, end);
    }
    if (at < end && connection.takesInput()) {
      held.append(pool, buffer, at, end - at);
    }
  }

  /// Works off what was held back. Whether anything was.
  boolean workOffHeld() {
    int before = held.length();
    int upTo = unwrap(held.memory(), held.start(), held.end());
    if (connection.takesInput()) {
      held.drop(connection.buffers(), upTo - held.start());
    } else {
      held.discard(connection.buffers());
    }
    return held.length() < before;
  }

  void discard() {
    held.discard(connection.buffers());
  }

  /// Bytes that the first record of those held back lacks, or its header.
  private int missing() {
    int have = held.length();
    int record =
        have < TlsRecord.HEADER_BYTES
            ? TlsRecord.HEADER_BYTES
            : TlsRecord.length(held.memory(), held.start());
    return Math.max(0, record - have);
  }

  /// Unwraps the whole records between `from` and `to`, and returns where it stopped.
  private int unwrap(MemorySegment memory, int from, int to) {
    if (busy || to - from < TlsRecord.HEADER_BYTES || connection.isStalled()) {
      return from;
    }
    BufferPool pool = connection.buffers();
    MemorySegment plain = pool.borrow(PLAIN_BYTES);
    ByteBuffer source = BufferViews.own().of(memory, from, to);
    ByteBuffer target = BufferViews.own().of(plain, 0, PLAIN_BYTES);
    busy = true;
    try {
      unwrap(memory, source, plain, target);
    } finally {
      busy = false;
      pool.giveBack(plain);
    }
    return source.position();
  }

  private void unwrap(
      MemorySegment memory, ByteBuffer source, MemorySegment plain, ByteBuffer target) {
    try {
      boolean goesOn = true;
      while (goesOn && !connection.isStalled() && isWhole(memory, source)) {
        connection.recordIsWhole();
        if (connection.isStalled()) {
          break;
        }
        int type = TlsRecord.type(memory, source.position());
        requireLength(TlsRecord.length(memory, source.position()), type);
        connection.checkInPlace(type, source, target);
        if (type == TlsRecord.ALERT) {
          // It may end our own half too (RFC 5246 §7.2.1): what came before it is answered first.
          deliver(plain, target);
          connection.encryptPending();
        } else if (target.remaining() < TlsRecord.length(memory, source.position())) {
          deliver(plain, target);
        }
        goesOn = connection.isStalled() || unwrapOne(source, plain, target);
      }
      deliver(plain, target);
    } catch (SSLException e) {
      deliver(plain, target);
      connection.fail(e);
    }
  }

  private static boolean isWhole(MemorySegment memory, ByteBuffer source) {
    int remaining = source.remaining();
    if (remaining < TlsRecord.HEADER_BYTES) {
      return false;
    }
    int length = TlsRecord.length(memory, source.position());
    // What is none needs not be waited for.
    return length <= remaining
        || length > TlsRecord.MAX_BYTES
        || !isOfTls(TlsRecord.type(memory, source.position()));
  }

  private static boolean isOfTls(int type) {
    return type >= TlsRecord.LEAST_TYPE && type <= TlsRecord.LAST_TYPE;
  }

  private static void requireLength(int length, int type) throws SSLException {
    // Not TLS at all: the engine finds the words for it, and the alert.
    if (length > TlsRecord.MAX_BYTES && isOfTls(type)) {
      throw new SSLException("a record of " + length + " bytes; at most " + TlsRecord.MAX_BYTES);
    }
  }

  /// False if nothing more can be unwrapped for now.
  private boolean unwrapOne(ByteBuffer source, MemorySegment plain, ByteBuffer target)
      throws SSLException {
    int before = source.position();
    SSLEngineResult result = connection.engine().unwrap(source, target);
    Status status = result.getStatus();
    if (status == Status.BUFFER_UNDERFLOW) {
      return false;
    }
    if (status == Status.BUFFER_OVERFLOW) {
      throw new SSLException("a record that does not fit into " + target.remaining() + " bytes");
    }
    HandshakeStatus handshake = result.getHandshakeStatus();
    boolean waits =
        handshake == HandshakeStatus.NOT_HANDSHAKING || handshake == HandshakeStatus.NEED_UNWRAP;
    if (!waits || status == Status.CLOSED) {
      deliver(plain, target);
      connection.advance(handshake);
    }
    if (status == Status.CLOSED) {
      connection.peerClosed();
      return false;
    }
    return source.position() > before || !waits;
  }

  private void deliver(MemorySegment plain, ByteBuffer target) {
    int length = target.position();
    if (length > 0) {
      target.clear().limit(PLAIN_BYTES);
      connection.deliver(plain, length);
    }
  }
}
