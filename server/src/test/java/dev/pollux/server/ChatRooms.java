package dev.pollux.server;

import dev.pollux.net.simulation.Chance;
import dev.pollux.net.simulation.SimulatedHost;
import dev.pollux.session.Group;
import dev.pollux.session.Message;
import dev.pollux.session.SendStatus;
import dev.pollux.session.Sessions;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The server's side of a simulated chat: what its handlers, and threads of its application, do
/// with the WebSockets and with groups of them, by chance; and who is a member of what, in the
/// order of the calls.
final class ChatRooms {
  private static final int ROOMS = 3;

  /// What the keep-alive may just be about to send.
  private static final int PING_BYTES = 2;

  /// Threads of the application; those of the loops have numbers below.
  static final int FIRST_THREAD = 100;

  /// A WebSocket of the chat, as its handler knows it.
  private final class Member implements WebSocketHandler {
    final int number;
    private @Nullable WebSocket ws;
    private int loop;
    private boolean over;

    /// Somebody has ended it, or wants to.
    private boolean ended;

    private int drains;
    private boolean owedDrain;

    Member(int number) {
      this.number = number;
    }

    private void require(boolean holds, String what) {
      if (!holds) {
        throw host.failed(what + ": client " + number);
      }
    }

    private void called(String what) {
      require(ws != null && !over, what + " outside of onOpen and onClose");
      require(host.thread() == loop, what + " by another thread than the owner's");
    }

    @Override
    public void onOpen(WebSocket opened) {
      require(ws == null, "onOpen comes twice");
      ws = opened;
      loop = host.thread();
      members.add(this);
      memberships.getLast().set(number);
      act(this, loop, 2);
    }

    @Override
    public void onMessage(WebSocket of, Message message) {
      called("onMessage");
      require(message.text().equals("go"), "a wrong message");
      for (int times = chance.between(1, 3); times > 0; times--) {
        act(this, loop, 2);
      }
    }

    @Override
    public void onDrain(WebSocket of) {
      called("onDrain");
      drains++;
      owedDrain = false;
      act(this, loop, 1);
    }

    @Override
    public void onClose(WebSocket of, int code, String reason) {
      called("onClose");
      over = true;
      memberships.forEach(each -> each.clear(number));
      act(this, loop, 1);
    }
  }

  private final SimulatedHost host;
  private final Sessions sessions;
  private final Chance chance;
  private final ChatRecord record;

  /// The last one is the group of all.
  private final List<Group> rooms = new ArrayList<>();

  private final List<BitSet> memberships = new ArrayList<>();

  /// Those that were ever open.
  private final List<Member> members = new ArrayList<>();

  /// From now on nobody does anything.
  private boolean quiet;

  ChatRooms(SimulatedHost host, Sessions sessions, Chance chance, ChatRecord record) {
    this.host = host;
    this.sessions = sessions;
    this.chance = chance;
    this.record = record;
    for (int i = 0; i < ROOMS; i++) {
      rooms.add(sessions.newGroup());
      memberships.add(new BitSet());
    }
    rooms.add(sessions.everyone());
    memberships.add(new BitSet());
  }

  WebSocketHandler handlerFor(int client) {
    return new Member(client);
  }

  /// What a thread of the application does.
  void actFromElsewhere(int thread) {
    host.elsewhere(() -> {
      for (int times = chance.between(1, 4); times > 0; times--) {
        act(null, FIRST_THREAD + thread, 1);
      }
    });
  }

  /// @param self whose callback it is, if it is one
  /// @param thread who does it
  /// @param hops how often it may be passed on
  private void act(@Nullable Member self, int thread, int hops) {
    if (quiet || members.isEmpty()) {
      return;
    }
    Member some = members.get(chance.below(members.size()));
    Member near = self != null && chance.percent(60) ? self : some;
    int what = chance.below(100);
    if (what < 22) {
      send(near, thread);
    } else if (what < 42) {
      send(some, thread);
    } else if (what < 62) {
      publish(chance.below(ROOMS), self, thread);
    } else if (what < 66) {
      publish(ROOMS, self, thread);
    } else if (what < 68) {
      broadcast(thread);
    } else if (what < 82) {
      join(near, chance.below(ROOMS));
    } else if (what < 88) {
      leave(near, chance.below(ROOMS));
    } else if (what < 94) {
      passOn(some, hops);
    } else if (what < 95) {
      Objects.requireNonNull(some.ws).ping(ByteBuffer.allocate(chance.below(100)));
    } else if (what < 99) {
      burst(near, self, thread);
    } else {
      end(some);
    }
  }

  private void burst(Member near, @Nullable Member self, int thread) {
    for (int times = chance.between(2, 30); times > 0; times--) {
      if (chance.percent(50)) {
        send(near, thread);
      } else {
        publish(chance.below(ROOMS), self, thread);
      }
    }
  }

  private int length() {
    return chance.percent(85) ? chance.below(40) : chance.below(1_500);
  }

  private void send(Member to, int thread) {
    BitSet due = new BitSet();
    due.set(to.number);
    int id = record.begin(thread, ChatRecord.DIRECT, due, false, length());
    int drainsBefore = to.drains;
    SendStatus status = Objects.requireNonNull(to.ws).sendText(record.text(id));
    record.done(id, status);
    to.owedDrain |= status == SendStatus.BACKPRESSURE && to.drains == drainsBefore;
  }

  private void publish(int room, @Nullable Member self, int thread) {
    BitSet due = (BitSet) memberships.get(room).clone();
    WebSocket except = null;
    if (self != null && chance.percent(20)) {
      due.clear(self.number);
      except = self.ws;
    }
    int id = record.begin(thread, room, due, room == ROOMS, length());
    record.done(id, rooms.get(room).sendText(record.text(id), except));
  }

  /// To some of all, who are chosen for it: in the order of the group of all.
  private void broadcast(int thread) {
    BitSet due = new BitSet();
    int id = record.begin(thread, ROOMS, due, false, length());
    record.done(id, SendStatus.ACCEPTED);
    byte[] utf8 = record.text(id).getBytes(StandardCharsets.UTF_8);
    sessions.broadcast(
        true,
        MemorySegment.ofArray(utf8),
        ws -> {
          boolean chosen = chance.percent(50);
          due.set(Integer.parseInt(Objects.requireNonNull(ws.query())), chosen);
          return chosen;
        });
  }

  private void join(Member joining, int room) {
    if (!joining.over) {
      memberships.get(room).set(joining.number);
    }
    rooms.get(room).join(Objects.requireNonNull(joining.ws));
  }

  private void leave(Member leaving, int room) {
    memberships.get(room).clear(leaving.number);
    rooms.get(room).leave(Objects.requireNonNull(leaving.ws));
  }

  private void passOn(Member to, int hops) {
    if (hops > 0) {
      boolean accepted =
          Objects.requireNonNull(to.ws)
              .execute(() -> {
                if (host.thread() != to.loop) {
                  throw host.failed("a task is run by another than the owner: " + to.number);
                }
                act(to, to.loop, hops - 1);
              });
      to.require(accepted || host.isEnding(), "a task was not accepted");
    }
  }

  private void end(Member which) {
    which.ended = true;
    WebSocket ws = Objects.requireNonNull(which.ws);
    if (chance.percent(50)) {
      ws.close(4000, "by chance");
    } else {
      ws.abort();
    }
  }

  /// Nobody does anything any more.
  void beQuiet() {
    quiet = true;
  }

  /// Everything has come to rest, and WebSockets are still open.
  ///
  /// @param stays clients that have taken all that was sent to them
  void checkAtRest(IntPredicate stays) {
    for (int i = 0; i < rooms.size(); i++) {
      if (rooms.get(i).size() != memberships.get(i).cardinality()) {
        throw host.failed(
            "group "
                + i
                + " has "
                + rooms.get(i).size()
                + " members and not "
                + memberships.get(i));
      }
    }
    for (Member member : members) {
      WebSocket ws = Objects.requireNonNull(member.ws);
      if (!member.over && ws.isOpen() && stays.test(member.number)) {
        member.require(ws.pendingOutput() <= PING_BYTES, "output is pending still");
        member.require(!member.owedDrain, "onDrain is missing");
      }
    }
  }

  /// Closes those that are open, as another thread does.
  void closeAll() {
    host.elsewhere(() -> {
      for (Member member : members) {
        if (chance.percent(50)) {
          Objects.requireNonNull(member.ws).close(1001, "it is over");
        }
      }
    });
  }

  /// Whether somebody on the server has ended this client's WebSocket.
  boolean wasEnded(int client) {
    return members.stream().anyMatch(each -> each.number == client && (each.ended || each.over));
  }

  /// Everybody is gone.
  void checkAtEnd() {
    for (Member member : members) {
      member.require(member.over, "onClose is missing");
    }
    for (Group room : rooms) {
      if (room.size() != 0) {
        throw host.failed(room + " when all are gone");
      }
    }
  }
}
