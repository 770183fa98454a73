package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.MessageAssembler;
import dev.pollux.websocket.MessageBuffers;
import dev.pollux.websocket.PartSink;
import dev.pollux.websocket.PerMessageDeflate;
import dev.pollux.websocket.StreamingAssembler;
import dev.pollux.websocket.WebSocketLimits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// What a [WebSocketSession] is made of: its fields, flat and in one place, and what is read off
/// them. They are the owner's, but for the volatile ones.
abstract class SessionFields implements PartSink, MessageBuffers {
  private static final VarHandle INBOX_BYTES;

  static {
    try {
      INBOX_BYTES =
          MethodHandles.lookup().findVarHandle(SessionFields.class, "inboxBytes", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final Sessions sessions;
  final Connection connection;
  final WebSocketHandler handler;
  final FrameParser parser;
  final MessageAssembler assembler;

  /// Null without compression.
  final @Nullable PerMessageDeflate compression;

  /// Whether this is a client, which masks its frames (RFC 6455 §5.3).
  final boolean masks;

  final Opening opening;
  @Nullable Object attachment;

  // Sending

  /// Bytes of the frames for this session alone that wait in its owner's inbox.
  volatile int inboxBytes;

  /// For other threads: what the connection had pending when it was above the high watermark and
  /// the owner last looked.
  volatile int wireBytesSeen;

  /// Somebody was told BACKPRESSURE, and is to be told when it is over.
  boolean drainOwed;

  /// Where it stands in the group of all: the owner's slot, and the place there.
  @Nullable GroupSlot amongAll;

  int placeAmongAll;

  /// Its groups; other threads may look, and see what was there a moment ago.
  @Nullable Membership memberships;

  /// Null until there is something that few sessions have; made under this object's lock.
  volatile @Nullable Extras extras;

  // Receiving

  /// The batch of received bytes that is being worked off, while it is.
  @Nullable Batch batch;

  boolean readingPaused;
  boolean readingHeld;

  /// An entry is on its way that works off what was kept when reading stopped.
  boolean workingOff;

  // Signs of life

  /// The peer has shown one since it was last looked for.
  boolean heard;

  /// A message went either way since that was last looked for.
  boolean active;

  boolean pingSent;
  int silentMillis;
  int idleMillis;

  // Closing

  volatile byte state = Closing.OPEN;

  /// The close was asked for, and the owner will see to it.
  volatile boolean closeRequested;

  short closeCode = CloseCode.ABNORMAL;
  String closeReason = "";

  @SuppressWarnings("this-escape") // assembler and compression only keep the reference
  SessionFields(
      Sessions sessions,
      Connection connection,
      WebSocketHandler handler,
      boolean client,
      Opening opening,
      @Nullable DeflateParameters agreed) {
    this.sessions = sessions;
    this.connection = connection;
    this.handler = handler;
    this.masks = client;
    this.opening = opening;
    WebSocketLimits limits = sessions.options().limits();
    this.parser = new FrameParser(!client, limits);
    this.assembler =
        handler instanceof StreamingHandler streaming
            ? new StreamingAssembler(limits, this, this, wholeUpToBytes(streaming, limits))
            : new MessageAssembler(limits, this, this);
    DeflateStreams streams = sessions.compression();
    if (agreed != null && streams != null) {
      parser.allowRsv(PerMessageDeflate.RSV1);
      this.compression = new PerMessageDeflate(streams, agreed, client, this, assembler);
    } else {
      this.compression = null;
    }
  }

  /// The default is for the default limit of a message, and harmless for a lower one.
  private static int wholeUpToBytes(StreamingHandler handler, WebSocketLimits limits) {
    return Math.min(handler.wholeUpToBytes(), limits.maxMessageBytes());
  }

  /// Counts frames that are put into the inbox, or (negative) have come out of it. Any thread.
  void addInbox(int bytes) {
    INBOX_BYTES.getAndAdd(this, bytes);
  }

  /// Any thread.
  Extras extras() {
    Extras made = extras;
    return made != null ? made : makeExtras();
  }

  private synchronized Extras makeExtras() {
    Extras made = extras;
    if (made == null) {
      made = new Extras();
      extras = made;
    }
    return made;
  }

  boolean isReadingStopped() {
    return readingPaused || readingHeld;
  }

  /// Whether what the peer sends is still looked at. As the owner.
  boolean takesInput() {
    return state < Closing.ENDING;
  }

  /// Whether the connection is gone. Any thread.
  boolean hasEnded() {
    return state == Closing.ENDED;
  }

  /// Whether a ping may still be answered (RFC 6455 §5.5.2: until a close frame was received). As
  /// the owner.
  boolean mayAnswer() {
    return takesInput() && connection.isOpen();
  }

  /// Whether no close frame was sent and the connection stands. Any thread.
  boolean canSend() {
    return state == Closing.OPEN && connection.isOpen();
  }
}
