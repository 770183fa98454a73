package dev.pollux.lab.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.FrameSink;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.PerMessageDeflate;
import dev.pollux.websocket.ProtocolViolation;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// One connection of a load after its opening handshake: frames come in, messages are checked while
/// they arrive, piece by piece, without being gathered.
///
/// It is not a session: a load generator must cost much less than what it measures, and needs
/// neither a handler nor a policy for its output.
///
/// ```
///   OPEN --the load's end: close frame out--> LEAVING --the server's end of input--> closed
///     +--anything else that ends it: lost, and told to the run--> closed
/// ```
abstract class LoadConnection implements Protocol, FrameSink {
  private static final SecureRandom RANDOM = new SecureRandom();

  final LoadRun run;
  final int index;
  private final FrameParser parser;
  private @Nullable Connection connection;
  private @Nullable Meter meter;

  /// The time of the batch of bytes that is being worked off.
  long batchNanos;

  private boolean batchMeasured;
  private int batchMessages;
  private boolean insideMessage;
  private boolean leaving;
  // Written on its thread; who waits for what is outstanding reads it.
  private volatile boolean over;
  private volatile int fence;

  // How compressed messages come; null without compression.
  private @Nullable DeflateParameters agreed;
  private @Nullable Inflation inflation;
  private boolean compressedMessage;

  private byte opcode;
  private boolean fin;
  private int controlBytes;
  private byte @Nullable [] control;

  LoadConnection(LoadRun run, int index) {
    this.run = run;
    this.index = index;
    this.parser = new FrameParser(false, run.limits());
  }

  // What kinds of connections do differently. All are called on the connection's thread.

  /// A message begins.
  ///
  /// @param messageOpcode [Opcode#TEXT] or [Opcode#BINARY]
  void onMessageStart(int messageOpcode) {}

  /// The next bytes of a message.
  void onMessageBytes(MemorySegment buffer, int offset, int length) {}

  /// A message is complete.
  void onMessageEnd() {}

  /// Whether the load has no purpose without connections like it.
  boolean isActive() {
    return false;
  }

  /// A batch of received bytes was worked off.
  void onBatchEnd() {}

  // What they have in common

  /// Takes compressed messages from now on, as was agreed upon. Before the first byte comes.
  final void inflate(DeflateParameters parameters) {
    agreed = parameters;
    parser.allowRsv(PerMessageDeflate.RSV1);
  }

  final Connection connection() {
    Connection opened = connection;
    if (opened == null) {
      throw new IllegalStateException("not open yet");
    }
    return opened;
  }

  final Meter meter() {
    Meter own = meter;
    if (own == null) {
      throw new IllegalStateException("not open yet");
    }
    return own;
  }

  /// Everything that its thread was at before is done. On its thread.
  final void passFence(int number) {
    fence = number;
  }

  /// Whether it has, or never will. Any thread.
  final boolean hasPassedFence(int number) {
    return over || fence == number;
  }

  /// Whether it is still what it should be. On its thread.
  final boolean isGood() {
    return !over && !leaving;
  }

  /// A message came as it should.
  final void received(long latencyNanos) {
    batchMessages++;
    if (batchMeasured) {
      meter().record(latencyNanos);
    }
  }

  /// Thrown through the parser: what came is not what should have come.
  static final class Different extends RuntimeException {
    private static final long serialVersionUID = 1;

    Different(String how) {
      super(how, null, false, false);
    }
  }

  @Override
  public final void onOpen(Connection opened) {
    connection = opened;
    meter = run.meterOfThisThread();
    run.opened(this);
  }

  @Override
  public final void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
    if (over) {
      return;
    }
    batchNanos = System.nanoTime();
    batchMeasured = run.isMeasured();
    try {
      parser.parse(buffer, offset, length, this);
    } catch (Different different) {
      end();
      run.different(this, String.valueOf(different.getMessage()));
      from.abort();
    } catch (ProtocolViolation violation) {
      end();
      run.different(this, "the server broke RFC 6455: " + violation.getMessage());
      from.abort();
    }
    if (batchMessages > 0) {
      meter().messages.add(batchMessages);
      batchMessages = 0;
    }
    if (!over) {
      onBatchEnd();
    }
  }

  @Override
  public final void onFrameStart(int frameOpcode, boolean last, int rsv, long payloadLength) {
    opcode = (byte) frameOpcode;
    fin = last;
    if (Opcode.isControl(frameOpcode)) {
      controlBytes = 0;
      return;
    }
    boolean continued = frameOpcode == Opcode.CONTINUATION;
    if (continued != insideMessage) {
      throw new Different(
          continued ? "a continuation of no message" : "a message within a fragmented one");
    }
    if (!continued) {
      insideMessage = true;
      compressedMessage = rsv == PerMessageDeflate.RSV1;
      onMessageStart(frameOpcode);
    }
  }

  @Override
  public final void onPayload(MemorySegment buffer, int offset, int length) {
    if (!Opcode.isControl(opcode)) {
      if (compressedMessage) {
        inflation().take(buffer, offset, length, this::onMessageBytes);
      } else {
        onMessageBytes(buffer, offset, length);
      }
      return;
    }
    if (control == null) {
      control = new byte[FrameWriter.MAX_CONTROL_BYTES];
    }
    MemorySegment.copy(buffer, JAVA_BYTE, offset, control, controlBytes, length);
    controlBytes += length;
  }

  @Override
  public final boolean onFrameEnd() {
    switch (opcode) {
      case Opcode.PING -> writeControl(Opcode.PONG, controlBytes);
      case Opcode.PONG -> {}
      case Opcode.CLOSE -> {
        closedByServer();
        return false;
      }
      default -> {
        if (fin) {
          insideMessage = false;
          if (compressedMessage) {
            inflation().endMessage(this::onMessageBytes);
          }
          onMessageEnd();
        }
      }
    }
    return true;
  }

  private Inflation inflation() {
    Inflation own = inflation;
    if (own == null) {
      own = new Inflation(agreed == null || agreed.serverNoContextTakeover());
      inflation = own;
    }
    return own;
  }

  private void closedByServer() {
    if (leaving) {
      return;
    }
    byte[] payload = control;
    int code =
        payload == null || controlBytes < 2
            ? CloseCode.NO_STATUS
            : Byte.toUnsignedInt(payload[0]) << 8 | Byte.toUnsignedInt(payload[1]);
    lost("the server closed it with " + code);
    writeControl(Opcode.CLOSE, Math.min(2, controlBytes));
    connection().close();
  }

  private void writeControl(int controlOpcode, int length) {
    byte[] bytes = control == null ? new byte[0] : control;
    int key = RANDOM.nextInt();
    MemorySegment target = connection().reserve(FrameWriter.MAX_HEADER_BYTES + length);
    int at = connection().reservedOffset();
    int header = FrameWriter.writeHeader(target, at, controlOpcode, true, 0, length, key);
    MemorySegment.copy(bytes, 0, target, JAVA_BYTE, at + header, length);
    Masking.mask(target, at + header, length, key, 0);
    connection().commit(header + length);
  }

  /// The load is over: a close frame with 1000, and no more is expected. On its thread.
  final void leave() {
    if (isGood()) {
      leaving = true;
      control = new byte[] {(byte) (1000 >> 8), (byte) 1000};
      writeControl(Opcode.CLOSE, 2);
      control = null;
    }
  }

  private void lost(String how) {
    if (!over && !leaving) {
      end();
      run.lost(this, how);
    }
  }

  private void end() {
    over = true;
  }

  @Override
  public final void onEndOfInput(Connection from) {
    lost("the server ended it without a close frame");
    from.close();
  }

  @Override
  public final void onClosed(Connection from, CloseReason reason) {
    lost("it ended (" + reason + ")");
    if (inflation != null) {
      inflation.close();
    }
    run.closed();
  }
}
