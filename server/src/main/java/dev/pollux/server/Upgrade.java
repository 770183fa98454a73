package dev.pollux.server;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.session.Opening;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.session.WebSocketSession;
import dev.pollux.websocket.DeflateNegotiation;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpRequest;
import dev.pollux.websocket.ServerHandshake;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.Principal;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A connection between a valid opening handshake and the answer to it: until it is known who the
/// client is, and the session is made.
///
/// ```
///            known at once                   the session is complete: 101
///   ASKING ----------------------> OPENING --------------------------------> OPEN: the session has
///     |                             ^   |                                     |    the connection
///     +--> WAITING, timer set,      |   |                                     |
///            |  reading suspended   |   |                                     |
///            +-- the answer --------+   |                                     |
///            |                          |                                     |
///            +-- none in time: 503      +-- refused, or anything thrown       +-- anything thrown:
///            |                          |   (ASKING and WAITING too)          |   aborted
///            v                          v                                     v
///          ENDED: every failure goes through fail(), which answers unless that was done, and leaves
///                 no timer and nothing open
/// ```
///
/// The application is called in ASKING (its authenticator) and OPENING (its factory, the handler's
/// first methods), always by the owner and never within the call of a stage that completes: a stage
/// keeps what it is thrown to itself. So it only leaves its answer here, and the owner looks for
/// it: when the authenticator has returned, or in an entry of its inbox.
final class Upgrade implements Protocol {
  /// As many wrappers as are looked through for what an authenticator has failed with: their causes
  /// may form a circle.
  private static final int MOST_WRAPPERS = 16;

  private enum State {
    ASKING,
    WAITING,
    OPENING,
    OPEN,
    ENDED
  }

  /// What an authenticator's stage came to.
  private record Answer(@Nullable Principal principal, @Nullable Throwable failure) {}

  /// What a stage tells its outcome, on any thread and how often it likes: the first time counts. A
  /// stage that is never completed keeps this, and of the upgrade nothing once that is over.
  private static final class Question
      implements BiConsumer<@Nullable Principal, @Nullable Throwable> {
    private final AtomicReference<@Nullable Upgrade> asker;

    Question(Upgrade asker) {
      this.asker = new AtomicReference<>(asker);
    }

    @Override
    public void accept(@Nullable Principal principal, @Nullable Throwable failure) {
      Upgrade waiting = asker.getAndSet(null);
      if (waiting != null) {
        waiting.answered(new Answer(principal, failure));
      }
    }

    void withdraw() {
      asker.set(null);
    }
  }

  private final HttpService service;
  private final Connection connection;
  private final HttpRequest request;
  private final Routes.WebSocketRoute route;
  private final ServerHandshake handshake;
  private final Question question = new Question(this);
  private volatile @Nullable Answer answer;

  // The owner's.
  private State state = State.ASKING;
  private @Nullable ByteArrayOutputStream kept;
  private @Nullable WebSocketSession session;

  Upgrade(
      HttpService service,
      Connection connection,
      HttpRequest request,
      Routes.WebSocketRoute route,
      ServerHandshake handshake) {
    this.service = service;
    this.connection = connection;
    this.request = request;
    this.route = route;
    this.handshake = handshake;
  }

  // Who it is

  @Override
  public void onOpen(Connection opened) {
    try {
      ask();
      if (answer == null) {
        state = State.WAITING;
        connection.suspendReading();
        connection.setTimer(service.handshakeTimeoutNanos());
      }
    } catch (Throwable failure) {
      fail(failure);
    }
    goOn();
  }

  private void ask() throws HttpException {
    CompletionStage<? extends @Nullable Principal> stage =
        service.authenticator().authenticate(HandshakeView.of(request, connection));
    Objects.requireNonNull(stage, "the authenticator returned no stage").whenComplete(question);
  }

  /// Any thread. Nothing is thrown to the stage, which would keep it to itself.
  private void answered(Answer known) {
    answer = known;
    if (connection.isInTurn() && state == State.ASKING) {
      // Known at once: whoever asks looks next.
      return;
    }
    try {
      // Refused, the engine has ended, and with it the connection.
      connection.enter(this::goOn);
    } catch (Throwable failure) {
      service.failed(route.path(), failure);
    }
  }

  /// Opens or refuses the WebSocket if the answer is there and nothing was made of it yet. As the
  /// owner; throws nothing.
  private void goOn() {
    Answer known = answer;
    if (known == null || (state != State.ASKING && state != State.WAITING)) {
      return;
    }
    if (!connection.isOpen()) {
      end();
      return;
    }
    try {
      stopWaiting();
      state = State.OPENING;
      if (known.failure() != null) {
        throw causeOf(known.failure());
      }
      open(known.principal());
    } catch (Throwable failure) {
      fail(failure);
    }
  }

  private static Throwable causeOf(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; i < MOST_WRAPPERS; i++) {
      Throwable wrapped =
          cause instanceof CompletionException || cause instanceof ExecutionException
              ? cause.getCause()
              : null;
      if (wrapped == null) {
        break;
      }
      cause = wrapped;
    }
    return cause;
  }

  private void stopWaiting() {
    if (state == State.WAITING) {
      connection.cancelTimer();
      connection.resumeReading();
    }
  }

  @Override
  public void onBytes(Connection from, MemorySegment buffer, int offset, int length) {
    WebSocketSession opened = session;
    if (opened != null) {
      // What came in one piece with the handshake, which is handed on to whom it was handed over
      // to.
      opened.onBytes(connection, buffer, offset, length);
    } else if (state == State.WAITING) {
      // The rest of one receive, because reading is suspended: at most a receive buffer of it.
      ByteArrayOutputStream bytes = kept == null ? new ByteArrayOutputStream(length) : kept;
      bytes.writeBytes(buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
      kept = bytes;
    }
  }

  @Override
  public void onTimer(Connection from) {
    if (answer == null && state == State.WAITING) {
      service.handshakeTimeouts.increment();
      fail(new HttpException(503, "it took too long to find out who you are"));
    }
  }

  @Override
  public void onEndOfInput(Connection from) {
    stopWaiting();
    end();
    connection.close();
  }

  @Override
  public void onClosed(Connection from, CloseReason reason) {
    end();
  }

  private void end() {
    state = State.ENDED;
    question.withdraw();
    kept = null;
  }

  /// The one way out for whatever goes wrong. As the owner.
  private void fail(Throwable failure) {
    boolean answered = state == State.OPEN;
    try {
      stopWaiting();
    } catch (Throwable worse) {
      connection.abort();
    }
    end();
    if (answered) {
      // A refusal behind the 101 would be read as frames.
      connection.abort();
      service.failed(route.path(), failure);
    } else {
      service.refuse(connection, route.path(), failure);
    }
  }

  // Opening

  /// All that may fail comes before the 101: then there is a session that owns the connection, or
  /// there was no answer yet.
  private void open(@Nullable Principal principal) throws HttpException {
    if (service.isStopping()) {
      throw new HttpException(503, "the server is stopping");
    }
    HandshakeView view = new HandshakeView(request, connection, principal);
    WebSocketHandler handler =
        Objects.requireNonNull(
            route.handlers().handlerFor(view), "the handler factory returned no handler");
    DeflateStreams streams = service.sessions().compression();
    DeflateNegotiation.Accepted accepted =
        streams == null ? null : streams.accept(handshake.offeredExtensions());
    byte[] response =
        handshake.response(accepted == null ? List.of() : List.of(accepted.answer())).bytes();
    WebSocketSession made =
        new WebSocketSession(
            service.sessions(),
            connection,
            handler,
            false,
            openingFor(principal),
            accepted == null ? null : accepted.parameters());
    state = State.OPEN;
    connection.write(MemorySegment.ofArray(response), 0, response.length);
    session = made;
    connection.handOver(made, MemorySegment.NULL, 0, 0);
    if (kept != null && connection.isOpen()) {
      deliver(kept.toByteArray(), made);
    }
  }

  private Opening openingFor(@Nullable Principal principal) {
    String query = request.query();
    String subprotocol = handshake.subprotocol();
    return query == null && subprotocol == null && principal == null
        ? route.opening()
        : new Opening(route.path(), query, subprotocol, principal);
  }

  private void deliver(byte[] bytes, WebSocketSession opened) {
    MemorySegment buffer = connection.buffers().borrow(bytes.length);
    try {
      MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
      opened.onBytes(connection, buffer, 0, bytes.length);
    } finally {
      connection.buffers().giveBack(buffer);
    }
  }
}
