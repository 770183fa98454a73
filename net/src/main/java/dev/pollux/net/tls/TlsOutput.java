package dev.pollux.net.tls;

import dev.pollux.net.Connection;
import dev.pollux.net.internal.memory.BufferViews;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The sending half of a [TlsConnection]: plaintext is gathered while a batch of events is handled,
/// and encrypted once, right into the output of the connection below, when that is flushed.
///
/// It is a superclass and not a part, to save each idle connection an object.
abstract class TlsOutput extends OverTransport {
  /// What a peer may have us write of our own (answers to key updates) without taking any of it.
  private static final int MAX_OWN_BYTES = 64 * 1024;

  /// Alerts, close_notify and what may come before them are a few records.
  private static final int MOST_LAST_RECORDS = 16;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private @Nullable PlainOutput plain;

  /// The connection below will call onFlush.
  boolean flushAsked;

  /// Bytes of our own since output last drained.
  int ownBytes;

  TlsOutput(Connection transport) {
    super(transport);
  }

  abstract boolean takesOutput();

  abstract void fail(Throwable cause);

  @Override
  public final MemorySegment reserve(int length) {
    if (!takesOutput()) {
      // Nobody will see it, but it has to be written somewhere.
      return MemorySegment.ofArray(new byte[length]);
    }
    PlainOutput pending = plain;
    if (pending == null) {
      pending = new PlainOutput();
      plain = pending;
    }
    askForFlush();
    return pending.reserve(transport.buffers(), length, transport.pendingOutput() > 0);
  }

  @Override
  public final int reservedOffset() {
    PlainOutput pending = plain;
    return pending == null ? 0 : pending.reservedOffset();
  }

  @Override
  public final void commit(int length) {
    PlainOutput pending = plain;
    if (pending != null && takesOutput()) {
      pending.commit(length);
    }
  }

  @Override
  public final int pendingOutput() {
    PlainOutput pending = plain;
    return (pending == null ? 0 : pending.pendingBytes()) + transport.pendingOutput();
  }

  /// Has the connection below call onFlush, which it does for a reservation.
  final void askForFlush() {
    if (!flushAsked) {
      flushAsked = true;
      transport.reserve(0);
    }
  }

  /// Encrypts what was gathered.
  final void encryptPending() {
    PlainOutput pending = plain;
    if (pending == null) {
      return;
    }
    try {
      for (PlainOutput.Chunk chunk = pending.first(); chunk != null; chunk = pending.first()) {
        encrypt(BufferViews.own().of(chunk.memory, 0, chunk.end));
        pending.removeFirst(transport.buffers());
      }
      plain = null;
    } catch (SSLException e) {
      fail(e);
    }
  }

  private void encrypt(ByteBuffer source) throws SSLException {
    while (source.hasRemaining()) {
      SSLEngineResult result = wrap(source);
      if (result.getStatus() == Status.CLOSED) {
        return;
      }
      if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
        throw new SSLException("nothing can be encrypted: " + result.getHandshakeStatus());
      }
    }
  }

  final void discardPending() {
    PlainOutput pending = plain;
    if (pending != null) {
      plain = null;
      pending.discard(transport.buffers());
    }
  }

  private SSLEngineResult wrap(ByteBuffer source) throws SSLException {
    MemorySegment target = transport.reserve(MAX_RESERVE_BYTES);
    int from = transport.reservedOffset();
    ByteBuffer records = BufferViews.own().of(target, from, from + MAX_RESERVE_BYTES);
    SSLEngineResult result = engine().wrap(source, records);
    if (result.getStatus() == Status.BUFFER_OVERFLOW) {
      throw new SSLException("a record of more than " + MAX_RESERVE_BYTES + " bytes");
    }
    transport.commit(result.bytesProduced());
    return result;
  }

  /// Wraps what the engine itself has to say, and returns what it wants next.
  final HandshakeStatus wrapOwn() throws SSLException {
    SSLEngineResult result = wrap(NOTHING);
    HandshakeStatus next = result.getHandshakeStatus();
    ownBytes += result.bytesProduced();
    if (ownBytes > MAX_OWN_BYTES) {
      throw new SSLException("the peer has us answer and takes no answer");
    }
    boolean stuck = next == HandshakeStatus.NEED_WRAP && result.bytesProduced() == 0;
    return stuck ? HandshakeStatus.NOT_HANDSHAKING : next;
  }

  /// Wraps the last that the engine has to say: an alert if it has one, else close_notify.
  final void sendLast() {
    SSLEngine last = engine;
    if (last == null) {
      return;
    }
    last.closeOutbound();
    for (int i = 0; i < MOST_LAST_RECORDS && !last.isOutboundDone(); i++) {
      try {
        if (wrap(NOTHING).bytesProduced() == 0) {
          return;
        }
      } catch (SSLException e) {
        // Told once more of what a task threw; the alert is still to come.
      }
    }
  }
}
