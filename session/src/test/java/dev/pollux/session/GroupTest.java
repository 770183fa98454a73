package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.CloseReason;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.SharedOutput;
import dev.pollux.websocket.WebSocketLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Groups over two owners that the test runs itself. Frames of 100 bytes of payload are 102 bytes
/// on the wire.
class GroupTest {
  private static final OutputPolicy POLICY =
      OutputPolicy.DEFAULT.withWatermarks(150, 300).withMaxPendingBytes(1000);

  private final long heldBefore = SharedOutput.heldBytes();
  private Sessions sessions =
      new Sessions(
          SessionOptions.defaults().withOutput(POLICY), MemoryBudget.ofMachine(), Bench.NO_OFFLOAD);
  private final FakeConnection firstLoop = new FakeConnection();
  private final FakeConnection secondLoop = new FakeConnection();
  private final List<Member> members = new ArrayList<>();

  /// A session with its connection.
  private record Member(WebSocketSession ws, FakeConnection connection, Recorder handler) {
    List<String> sent() {
      connection.flush();
      return Wire.read(connection.takeSent());
    }
  }

  @AfterEach
  void allSharedOutputIsGivenBack() {
    members.forEach(member -> member.connection.end(CloseReason.RESET));
    run();
    assertEquals(heldBefore, SharedOutput.heldBytes());
    assertEquals(0, sessions.everyone().size());
    assertEquals(List.of(), sessions.open());
  }

  private Member member(FakeConnection loop) {
    FakeConnection connection = new FakeConnection(loop);
    Recorder handler = new Recorder();
    WebSocketSession ws = Bench.session(sessions, connection, handler, false, null);
    connection.open(ws);
    handler.take();
    Member member = new Member(ws, connection, handler);
    members.add(member);
    return member;
  }

  private void run() {
    while (firstLoop.runTasks() + secondLoop.runTasks() > 0) {
      // What an entry brings about has its turn as well.
    }
  }

  @Test
  void aMessageIsOneEntryForEachOwnerThatHasMembers() {
    Group room = sessions.newGroup();
    for (int i = 0; i < 50; i++) {
      room.join(member(firstLoop).ws);
    }
    run();
    assertEquals(50, room.size());
    assertEquals(SendStatus.ACCEPTED, room.sendText("hello"));
    assertEquals(1, firstLoop.waitingTasks());
    assertEquals(0, secondLoop.waitingTasks(), "nobody of it is there");
    run();
    room.join(member(secondLoop).ws);
    assertEquals(SendStatus.ACCEPTED, room.sendBinary(new byte[3]));
    assertEquals(1, firstLoop.waitingTasks());
    assertEquals(2, secondLoop.waitingTasks(), "the join and the message");
    run();
    for (Member each : members.subList(0, 50)) {
      assertEquals(List.of("text hello", "binary 3"), each.sent());
    }
    assertEquals(List.of("binary 3"), members.getLast().sent());
    assertEquals(101, sessions.statistics().messagesOut());
    assertEquals(50 * 5 + 51 * 3, sessions.statistics().payloadBytesOut());
  }

  @Test
  void aGroupWithoutMembersTakesAMessageForNobody() {
    assertEquals(SendStatus.ACCEPTED, sessions.newGroup().sendText("to nobody"));
    assertEquals(SendStatus.ACCEPTED, sessions.everyone().sendText("to nobody"));
    assertEquals(0, sessions.newGroup().size());
  }

  @Test
  void whoHasJoinedGetsWhatIsSentAfterThatAndWhoHasLeftDoesNot() {
    Group room = sessions.newGroup();
    Member ws = member(firstLoop);
    room.sendText("before");
    room.join(ws.ws);
    room.join(ws.ws);
    room.sendText("one");
    ws.ws.sendText("to it alone");
    room.sendText("two");
    room.leave(ws.ws);
    room.sendText("after");
    room.leave(ws.ws);
    room.join(ws.ws);
    room.sendText("again");
    run();
    assertEquals(List.of("text one", "text to it alone", "text two", "text again"), ws.sent());
    assertEquals(1, room.size());
  }

  @Test
  void oneIsInManyRoomsAndLeavesThemWhenItEnds() {
    Member ws = member(firstLoop);
    Member other = member(firstLoop);
    List<Group> rooms = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Group room = sessions.newGroup();
      room.join(ws.ws);
      room.join(other.ws);
      rooms.add(room);
    }
    rooms.get(2).leave(ws.ws);
    for (int i = 0; i < 5; i++) {
      rooms.get(i).sendText("room " + i);
    }
    run();
    assertEquals(List.of("text room 0", "text room 1", "text room 3", "text room 4"), ws.sent());
    ws.connection.end(CloseReason.RESET);
    members.remove(ws);
    rooms.forEach(room -> assertEquals(1, room.size()));
    rooms.getFirst().sendText("only one is left");
    run();
    assertEquals(6, other.sent().size());
    // One that has ended can't come back.
    rooms.getFirst().join(ws.ws);
    run();
    assertEquals(1, rooms.getFirst().size());
  }

  @Test
  void anOwnSendIsWrittenAtOnceAndNeverOvertakesWhatWaits() {
    Member ws = member(firstLoop);
    Group room = sessions.newGroup();
    room.join(ws.ws);
    run();
    ws.connection.inTurn(() -> assertEquals(SendStatus.ACCEPTED, ws.ws.sendText("at once")));
    assertEquals(0, firstLoop.waitingTasks());
    room.sendText("of the room");
    ws.connection.inTurn(() -> ws.ws.sendText("behind it"));
    sessions.everyone().sendText("to all");
    ws.connection.inTurn(() -> ws.ws.sendText("behind that"));
    assertEquals(4, firstLoop.waitingTasks());
    run();
    ws.connection.inTurn(() -> ws.ws.sendText("at once again"));
    assertEquals(0, firstLoop.waitingTasks());
    assertEquals(
        List.of(
            "text at once",
            "text of the room",
            "text behind it",
            "text to all",
            "text behind that",
            "text at once again"),
        ws.sent());
  }

  @Test
  void anOwnSendDoesNotOvertakeWhatARoomSendsBehindAJoinThatWaits() {
    Member ws = member(firstLoop);
    Group room = sessions.newGroup();
    ws.connection.inTurn(() -> {
      room.join(ws.ws);
      room.sendText("welcome");
      ws.ws.sendText("and hello");
    });
    run();
    assertEquals(List.of("text welcome", "text and hello"), ws.sent());
    assertEquals(0, ws.ws.pendingOutput());
  }

  @Test
  void inTheCallbackOfAnotherOfTheSameLoopEverythingGoesThroughTheInbox() {
    Member sender = member(firstLoop);
    Member receiver = member(firstLoop);
    Group room = sessions.newGroup();
    room.join(receiver.ws);
    run();
    sender.connection.inTurn(() -> {
      receiver.ws.sendText("one");
      room.sendText("two");
      receiver.ws.sendText("three");
      receiver.ws.pauseReading();
      receiver.ws.close(4000, "four");
      assertEquals(SendStatus.CLOSED, receiver.ws.sendText("five"));
    });
    assertEquals(List.of(), receiver.sent(), "nobody writes for another");
    run();
    assertEquals(List.of("text one", "text two", "text three", "close 4000 four"), receiver.sent());
  }

  @Test
  void allButOneGetWhatExceptsThatOne() {
    Group room = sessions.newGroup();
    Member one = member(firstLoop);
    Member two = member(secondLoop);
    room.join(one.ws);
    room.join(two.ws);
    room.sendText("for two", one.ws);
    room.sendBinary(ByteBuffer.wrap(new byte[7], 2, 4), two.ws);
    run();
    assertEquals(List.of("binary 4"), one.sent());
    assertEquals(List.of("text for two"), two.sent());
  }

  @Test
  void anOwnerThatLagsIsPendingOfEachMemberAndBeyondTheBoundItIsRefusedForAll() {
    Group room = sessions.newGroup();
    Member behind = member(firstLoop);
    Member prompt = member(secondLoop);
    room.join(behind.ws);
    room.join(prompt.ws);
    run();
    byte[] message = new byte[100];
    assertEquals(SendStatus.ACCEPTED, room.sendBinary(message));
    assertEquals(SendStatus.ACCEPTED, room.sendBinary(message));
    assertEquals(SendStatus.BACKPRESSURE, room.sendBinary(message));
    secondLoop.runTasks();
    assertEquals(306, behind.ws.pendingOutput());
    int accepted = 3;
    while (room.sendBinary(message).isAccepted()) {
      accepted++;
      secondLoop.runTasks();
      prompt.connection.flush();
    }
    assertEquals(10, accepted, "one more than the bound");
    assertEquals(2, sessions.statistics().dropped(), "one for each member");
    assertEquals(SendStatus.DROPPED, room.sendBinary(ByteBuffer.wrap(message), prompt.ws));
    assertEquals(4, sessions.statistics().dropped(), "also for the one that it was not for");
    // What is for the lagging one alone is refused as well, and the other is not concerned.
    assertEquals(SendStatus.DROPPED, behind.ws.sendText("no"));
    assertEquals(SendStatus.ACCEPTED, prompt.ws.sendText("yes"));
    run();
    assertEquals(10, behind.sent().size());
    assertEquals(11, prompt.sent().size());
    assertEquals(SendStatus.ACCEPTED, room.sendBinary(message));
    assertTrue(behind.ws.isOpen());
  }

  @Test
  void anotherRoomOfTheLaggingOwnerIsNotConcerned() {
    Group flooded = sessions.newGroup();
    Group quiet = sessions.newGroup();
    Member one = member(firstLoop);
    Member other = member(firstLoop);
    flooded.join(one.ws);
    quiet.join(other.ws);
    run();
    while (flooded.sendBinary(new byte[100]).isAccepted()) {
      // Until it is refused.
    }
    assertEquals(SendStatus.ACCEPTED, quiet.sendText("quiet"));
    assertEquals(SendStatus.ACCEPTED, other.ws.sendText("alone"));
    run();
    assertEquals(List.of("text quiet", "text alone"), other.sent());
  }

  @Test
  void aRefusalClosesAllMembersIfThePolicySaysSo() {
    sessions =
        new Sessions(
            SessionOptions.defaults().withOutput(POLICY.withOverflow(OutputPolicy.Overflow.CLOSE)),
            MemoryBudget.ofMachine(),
            Bench.NO_OFFLOAD);
    Group room = sessions.newGroup();
    Member one = member(firstLoop);
    Member two = member(secondLoop);
    Member outside = member(secondLoop);
    room.join(one.ws);
    room.join(two.ws);
    run();
    while (room.sendBinary(new byte[100]).isAccepted()) {
      // Until it is refused.
    }
    run();
    assertEquals("close 1013 too much output is pending", one.sent().getLast());
    assertEquals("close 1013 too much output is pending", two.sent().getLast());
    assertTrue(outside.ws.isOpen());
  }

  @Test
  void aMemberThatReadsTooSlowlyIsDealtWithAlone() {
    Group room = sessions.newGroup();
    Member slow = member(firstLoop);
    Member fast = member(firstLoop);
    room.join(slow.ws);
    room.join(fast.ws);
    run();
    slow.connection.kernelRoom = 0;
    int heard = 0;
    for (int i = 0; i < 15; i++) {
      assertTrue(room.sendBinary(new byte[100]).isAccepted());
      run();
      heard += fast.sent().size();
    }
    assertEquals(15, heard);
    assertEquals(5, sessions.statistics().dropped());
    slow.connection.kernelRoom = Integer.MAX_VALUE;
    assertEquals(10, slow.sent().size());
  }

  @Test
  void aGroupsMessageWaitsBehindOneInParts() {
    Group room = sessions.newGroup();
    Member ws = member(firstLoop);
    room.join(ws.ws);
    run();
    MessageStream[] stream = new MessageStream[1];
    ws.connection.inTurn(() -> {
      stream[0] = ws.ws.streamText();
      stream[0].send("in ");
    });
    room.sendText("of the room");
    run();
    ws.connection.inTurn(() -> {
      stream[0].send("parts");
      stream[0].finish();
    });
    assertEquals(List.of("text in parts", "text of the room"), ws.sent());
    assertEquals(0, ws.ws.pendingOutput());
  }

  @Test
  void aClientIsSentAMaskedCopy() {
    FakeConnection connection = new FakeConnection(firstLoop);
    WebSocketSession client =
        Bench.session(sessions, connection, new WebSocketHandler() {}, true, null);
    connection.open(client);
    sessions.everyone().sendText("masked");
    run();
    connection.flush();
    assertEquals(List.of("text masked"), Wire.read(connection.takeSent(), true));
    connection.end(CloseReason.RESET);
  }

  @Test
  void onlyWebSocketsOfTheSameServerCanJoin() {
    Sessions others =
        new Sessions(SessionOptions.defaults(), MemoryBudget.ofMachine(), Bench.NO_OFFLOAD);
    WebSocketSession stranger =
        Bench.session(others, new FakeConnection(), new WebSocketHandler() {}, false, null);
    Group room = sessions.newGroup();
    assertThrows(IllegalArgumentException.class, () -> room.join(stranger));
    assertThrows(IllegalArgumentException.class, () -> room.leave(stranger));
    assertThrows(UnsupportedOperationException.class, () -> sessions.everyone().join(stranger));
    assertThrows(UnsupportedOperationException.class, () -> sessions.everyone().leave(stranger));
  }

  @Test
  void aBroadcastToChosenOnesIsInTheOrderOfTheGroupOfAll() {
    Member one = member(firstLoop);
    Member two = member(secondLoop);
    byte[] text = "chosen".getBytes(StandardCharsets.UTF_8);
    sessions.everyone().sendText("all");
    int accepted =
        sessions.broadcast(true, java.lang.foreign.MemorySegment.ofArray(text), ws -> ws == two.ws);
    sessions.everyone().sendText("all again");
    assertEquals(1, accepted);
    assertEquals(3, secondLoop.waitingTasks());
    run();
    assertEquals(List.of("text all", "text all again"), one.sent());
    assertEquals(List.of("text all", "text chosen", "text all again"), two.sent());
  }

  /// Members come, go and speak by chance; who should have heard what is known from the order of
  /// the calls.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whoShouldHearWhatHearsItOnceAndInOrder(long seed) {
    sessions =
        new Sessions(
            SessionOptions.defaults().withLimits(WebSocketLimits.DEFAULT),
            MemoryBudget.ofMachine(),
            Bench.NO_OFFLOAD);
    Random random = new Random(seed);
    List<Group> rooms = List.of(sessions.newGroup(), sessions.newGroup(), sessions.newGroup());
    List<boolean[]> joined = new ArrayList<>();
    List<List<String>> expected = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      member(i % 3 == 0 ? firstLoop : secondLoop);
      joined.add(new boolean[3]);
      expected.add(new ArrayList<>());
    }
    for (int step = 0; step < 2_000; step++) {
      int who = random.nextInt(12);
      int room = random.nextInt(3);
      Member member = members.get(who);
      String text = "seed " + seed + " step " + step;
      switch (random.nextInt(7)) {
        case 0 -> {
          rooms.get(room).join(member.ws);
          joined.get(who)[room] = true;
        }
        case 1 -> {
          rooms.get(room).leave(member.ws);
          joined.get(who)[room] = false;
        }
        case 2 -> {
          member.ws.sendText(text);
          expected.get(who).add("text " + text);
        }
        case 3 -> {
          member.connection.inTurn(() -> member.ws.sendText(text));
          expected.get(who).add("text " + text);
        }
        case 4 -> {
          (random.nextBoolean() ? firstLoop : secondLoop).runTasks();
        }
        default -> {
          rooms.get(room).sendText(text);
          for (int i = 0; i < 12; i++) {
            if (joined.get(i)[room]) {
              expected.get(i).add("text " + text);
            }
          }
        }
      }
    }
    run();
    for (int i = 0; i < 12; i++) {
      assertEquals(expected.get(i), members.get(i).sent(), "member " + i + ", seed " + seed);
    }
  }
}
