package dev.pollux.net.tls;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/// TLS on a connection: below it a protocol, above it a connection.
///
/// ```
///             first whole record  handshake done:          close(), or the peer's FIN:
///             (a client: at once) onOpen above             close_notify out, FIN below
///   WAITING --------------> HANDSHAKING --------> OPEN -----------------------> CLOSING --> ENDED
///      |  text, or too many     | alert, time over   | alert, bad record: our alert |
///      +------------------------+--------------------+------------------------------+
/// ```
///
/// In `HANDSHAKING` the connection's timer is the handshake's, and nothing above knows of the
/// connection; from `OPEN` on the timer belongs to the protocol above. `CLOSING` throws away what
/// arrives. [#isStalled] says when received bytes are held back: while reading is suspended from
/// above and while a step of the handshake is computed elsewhere; the connection below is suspended
/// then, too.
final class TlsConnection extends TlsHandshake implements Protocol {
  private final TlsInput input = new TlsInput(this);
  private Protocol inner;
  private boolean innerOpened;
  private boolean suspended;

  /// Reading is to go on, as soon as no callback above is on the stack.
  private boolean resumeOwed;

  private boolean beforeTls13;
  private boolean peerClosed;
  private boolean endOfInput;
  private boolean truncated;

  /// Callbacks above that are on the stack.
  private byte depth;

  TlsConnection(
      Connection transport,
      TlsSide side,
      boolean client,
      Supplier<SSLEngine> engines,
      Protocol inner) {
    super(transport, side, client, engines);
    this.inner = inner;
  }

  // What is asked by the input

  /// Whether what arrives is held back, or of no interest any more.
  boolean isStalled() {
    return suspended || stepUnderWay || !takesInput();
  }

  boolean takesInput() {
    return state <= OPEN && !peerClosed;
  }

  /// A record is whole. The first one is the peer's hello: only now it counts as a handshake under
  /// way, and costs an engine.
  void recordIsWhole() {
    if (state == WAITING) {
      begin();
    }
  }

  /// RFC 8446 §4.6 has no renegotiation, and ours for TLS 1.2 is none either (RFC 5746 §4.5 leaves
  /// that to us): it would let a client cost us a handshake as often as it likes.
  void checkInPlace(int recordType, ByteBuffer source, ByteBuffer target) throws SSLException {
    if (recordType != TlsRecord.HANDSHAKE || !beforeTls13 || state != OPEN) {
      return;
    }
    side.counters.renegotiations.increment();
    Renegotiation.refuse(engine(), source, target);
  }

  void deliver(MemorySegment plain, int length) {
    if (state != OPEN) {
      return;
    }
    depth++;
    try {
      inner.onBytes(this, plain, 0, length);
    } finally {
      depth--;
    }
  }

  /// The peer's close_notify came: it sends no more.
  void peerClosed() {
    peerClosed = true;
    if (state == OPEN) {
      depth++;
      try {
        inner.onEndOfInput(this);
      } finally {
        depth--;
      }
    }
    if (state == OPEN && engine().isOutboundDone()) {
      // TLS 1.2 ends both halves at once (RFC 5246 §7.2.1).
      state = CLOSING;
      transport.close();
    }
  }

  @Override
  void handshakeDone() {
    if (innerOpened) {
      return;
    }
    leaveHandshake();
    transport.cancelTimer();
    beforeTls13 = !engine().getSession().getProtocol().equals("TLSv1.3");
    side.counters.handshakes.increment();
    innerOpened = true;
    state = OPEN;
    depth++;
    try {
      inner.onOpen(this);
    } finally {
      depth--;
    }
  }

  // What the connection below tells

  @Override
  public void onOpen(Connection opened) {
    transport.setTimer(side.handshakeTimeoutNanos());
    if (!client) {
      return;
    }
    begin();
    try {
      // Its key pair is made here.
      if (state == HANDSHAKING && compute(() -> engine().beginHandshake())) {
        advance(engine().getHandshakeStatus());
      }
    } catch (SSLException e) {
      fail(e);
    }
  }

  @Override
  public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
    if (state == WAITING && input.holdsNothing() && isText(TlsRecord.type(buffer, offset))) {
      answerText();
      return;
    }
    if (takesInput()) {
      input.received(buffer, offset, length);
      resumeIfOwed();
    }
  }

  /// A method of HTTP, most likely. No record begins so (RFC 8446 §5.1).
  private static boolean isText(int firstByte) {
    return firstByte >= 'A' && firstByte <= 'Z';
  }

  private void answerText() {
    side.counters.plainText.increment();
    byte[] answer = side.answerToPlainText();
    transport.write(MemorySegment.ofArray(answer), 0, answer.length);
    state = CLOSING;
    transport.close();
  }

  @Override
  public void onEndOfInput(Connection from) {
    if (!input.holdsNothing() && isStalled() && takesInput()) {
      endOfInput = true;
    } else if (!peerClosed) {
      inputEnded();
    }
  }

  /// FIN without close_notify: nobody but the peer's kernel says that this was all (RFC 8446 §6.1).
  private void inputEnded() {
    switch (state) {
      case WAITING -> transport.close();
      case HANDSHAKING -> fail(new SSLException("the peer ended the connection in the handshake"));
      case OPEN -> {
        truncated = true;
        side.counters.truncated.increment();
        close();
      }
      default -> {}
    }
  }

  @Override
  public void onFlush(Connection from) {
    // What is written from here on is encrypted below: it needs no other flush.
    flushAsked = true;
    if (state == OPEN) {
      depth++;
      try {
        inner.onFlush(this);
      } finally {
        depth--;
      }
      encryptPending();
    }
    flushAsked = false;
    if (resumeOwed) {
      askForResume();
    }
  }

  @Override
  public void onDrained(Connection from) {
    ownBytes = 0;
    if (state == OPEN) {
      depth++;
      try {
        inner.onDrained(this);
      } finally {
        depth--;
      }
      resumeIfOwed();
    }
  }

  @Override
  public void onTimer(Connection from) {
    if (state == OPEN) {
      depth++;
      try {
        inner.onTimer(this);
      } finally {
        depth--;
      }
      resumeIfOwed();
    } else if (state < OPEN && stepUnderWay) {
      // It is this side that the handshake waits for, and the peer is not listened to.
      transport.setTimer(side.handshakeTimeoutNanos());
    } else if (state < OPEN) {
      side.counters.timeouts.increment();
      failure = new SSLException("the handshake took too long");
      transport.abort();
    }
  }

  @Override
  public void onClosed(Connection from, CloseReason reason) {
    boolean wasOpened = innerOpened;
    state = ENDED;
    leaveHandshake();
    input.discard();
    discardPending();
    if (wasOpened) {
      inner.onClosed(this, reasonAbove(reason));
    } else if (client) {
      inner.onConnectFailed(new IOException(whyNotOpened(reason), failure));
    }
  }

  private CloseReason reasonAbove(CloseReason below) {
    return truncated ? CloseReason.TRUNCATED : failure != null ? CloseReason.TLS_FAILED : below;
  }

  private String whyNotOpened(CloseReason reason) {
    String why = tlsFailure();
    return "TLS handshake with "
        + TlsFailure.text(transport.remoteAddress())
        + ": "
        + (why == null ? "the connection ended: " + reason : why);
  }

  // Failing and closing

  /// TLS is broken: the peer gets the alert that says so, and the connection ends.
  @Override
  void fail(Throwable cause) {
    if (state >= CLOSING) {
      return;
    }
    failure = cause;
    state = CLOSING;
    side.counters.failed.increment();
    side.logFailure(transport, cause);
    leaveHandshake();
    discardPending();
    sendLast();
    transport.close();
  }

  @Override
  public void close() {
    if (state == OPEN) {
      encryptPending();
      // Encrypting may have failed.
      if (state == OPEN) {
        state = CLOSING;
        sendLast();
        transport.close();
      }
    } else {
      transport.close();
    }
  }

  @Override
  public boolean isOpen() {
    return state == OPEN && transport.isOpen();
  }

  @Override
  boolean takesOutput() {
    return state == OPEN;
  }

  // Reading

  @Override
  public void suspendReading() {
    suspended = true;
    transport.suspendReading();
  }

  @Override
  public void resumeReading() {
    if (!suspended) {
      return;
    }
    suspended = false;
    resumeOwed = true;
    // Never from within a callback above: nothing is delivered while one is on the stack.
    if (depth == 0 && !input.isBusy()) {
      askForResume();
    }
  }

  private void askForResume() {
    transport.enter(this::resumeIfOwed);
  }

  private void resumeIfOwed() {
    if (resumeOwed && depth == 0 && !input.isBusy()) {
      resume();
    }
  }

  @Override
  void resume() {
    resumeOwed = false;
    if (isStalled()) {
      return;
    }
    if (!input.holdsNothing()) {
      input.workOffHeld();
    }
    if (!isStalled()) {
      if (endOfInput) {
        inputEnded();
      } else {
        transport.resumeReading();
      }
    }
  }

  @Override
  public void handOver(Protocol next, MemorySegment buffer, int offset, int length) {
    inner = next;
    next.onOpen(this);
    if (length > 0 && isOpen()) {
      next.onBytes(this, buffer, offset, length);
    }
  }

  @Override
  public boolean execute(Runnable task) {
    return transport.execute(() -> runAbove(task));
  }

  @Override
  public boolean enter(Runnable entry) {
    return transport.enter(() -> runAbove(entry));
  }

  private void runAbove(Runnable task) {
    depth++;
    try {
      task.run();
    } finally {
      depth--;
    }
    resumeIfOwed();
  }
}
