package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.session.KeepAlive;
import dev.pollux.session.OutputPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Handlers that send to each other, on every model: nothing stands still, and what is accepted
/// arrives, once and in order.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RoomContractTest {
  private static final int MEMBERS = 24;

  static Stream<Arguments> modelsAndWays() {
    return Stream.of(IoModel.values())
        .flatMap(model -> Stream.of(Room.Way.values()).map(way -> Arguments.of(model, way)));
  }

  private static PolluxServer start(
      IoModel model, Room room, CompletableFuture<PolluxServer> started, OutputPolicy policy)
      throws IOException {
    // Two loops where there may be some, so that what one sends crosses from one to the other.
    PolluxServer server =
        Pollux.server()
            .io(model)
            .loops(2)
            .output(policy)
            // On a busy machine a member may be long silent, and its listener hears rooms only.
            .keepAlive(KeepAlive.NONE)
            .webSocket("/room", room)
            .start();
    started.complete(server);
    return server;
  }

  @ParameterizedTest
  @MethodSource("modelsAndWays")
  void withSixteenInFlightEachEverybodyHearsAllOfItInOneOrder(IoModel model, Room.Way way)
      throws Exception {
    int each = 60;
    CompletableFuture<PolluxServer> started = new CompletableFuture<>();
    Room room = new Room(way, () -> started.join().newGroup());
    List<RoomMember> members = new ArrayList<>();
    try (PolluxServer server = start(model, room, started, OutputPolicy.DEFAULT)) {
      for (int i = 0; i < MEMBERS; i++) {
        members.add(new RoomMember(server.address(), "m" + i, "a", 16));
      }
      Await.until("all are in the room", () -> room.members("a") == MEMBERS);
      members.forEach(member -> member.say(each, "a"));
      for (RoomMember member : members) {
        Await.until(member.name + " hears all", () -> member.heardCount() == MEMBERS * each);
      }
      assertEquals(0, server.statistics().sessions().dropped());
      assertEquals(0, room.refused.get());
      for (RoomMember member : members) {
        speakersKeepTheirOrder(member.heard(), true);
        if (way != Room.Way.SENDS) {
          sameOrder(members.getFirst().heard(), member.heard());
        }
        if (way == Room.Way.LOCKED_SENDS) {
          numbersRise(member.heard());
        }
      }
      closeAll(members);
    } finally {
      closeAll(members);
    }
  }

  @ParameterizedTest
  @MethodSource("modelsAndWays")
  void flatOutInTwoRoomsWhileOthersComeAndGoWhatIsAcceptedArrives(IoModel model, Room.Way way)
      throws Exception {
    int each = 150;
    CompletableFuture<PolluxServer> started = new CompletableFuture<>();
    Room room = new Room(way, () -> started.join().newGroup());
    List<RoomMember> members = new ArrayList<>();
    List<RoomMember> passing = new ArrayList<>();
    OutputPolicy policy = OutputPolicy.DEFAULT.withOverflow(OutputPolicy.Overflow.DROP);
    try (PolluxServer server = start(model, room, started, policy)) {
      for (int i = 0; i < MEMBERS; i++) {
        // The middle third is in both.
        String rooms = i < 8 ? "a" : i < 16 ? "a+b" : "b";
        members.add(new RoomMember(server.address(), "m" + i, rooms, Integer.MAX_VALUE));
      }
      Await.until("all are in the rooms", () -> room.members("a") + room.members("b") == 32);
      for (int i = 0; i < MEMBERS; i++) {
        members.get(i).say(each, (i < 8 ? "a" : i < 16 ? "a b" : "b").split(" ", -1));
      }
      for (int i = 0; i < 12; i++) {
        RoomMember other = new RoomMember(server.address(), "p" + i, "a+b", Integer.MAX_VALUE);
        passing.add(other);
        other.say(20, "b", "a");
        if (i % 2 == 0) {
          other.reset();
        } else {
          other.awaitSaid();
          other.close();
        }
      }
      int said = (8 + 2 * 8 + 8) * each;
      Await.until("all that the members say is handled", () -> room.said.get() == said);
      if (way == Room.Way.GROUP) {
        Await.until("the passing are gone", () -> room.members("a") == 16);
        whoKeepsUpHearsAllOfItsGroups(server, room, members);
      } else {
        for (RoomMember member : members) {
          Room.Tally tally = room.tally(member.name);
          Await.until(
              member.name + " hears what was accepted",
              () -> member.heardCount() == tally.accepted.get());
        }
      }
      for (RoomMember member : members) {
        speakersKeepTheirOrder(member.heard(), false);
        if (way == Room.Way.LOCKED_SENDS) {
          numbersRise(member.heard());
        }
        if (way == Room.Way.GROUP) {
          sameOrder(members.get(8).heard(), member.heard());
        }
      }
      closeAll(members);
    } finally {
      closeAll(members);
      closeAll(passing);
    }
  }

  /// What a member misses was refused for all, or dropped for some and counted.
  private static void whoKeepsUpHearsAllOfItsGroups(
      PolluxServer server, Room room, List<RoomMember> members) {
    for (int i = 0; i < MEMBERS; i++) {
      RoomMember member = members.get(i);
      long a = i < 16 ? room.numbers("a") : 0;
      long b = i >= 8 ? room.numbers("b") : 0;
      Await.until(
          member.name + " hears what was not dropped",
          () -> {
            long missing = a + b - member.heardCount();
            return missing >= 0
                && missing <= room.refused.get() + server.statistics().sessions().dropped();
          });
    }
  }

  /// @param withoutGaps whether nothing is missing
  private static void speakersKeepTheirOrder(List<RoomMember.Heard> heard, boolean withoutGaps) {
    Map<String, Integer> last = new HashMap<>();
    for (RoomMember.Heard what : heard) {
      int before = last.getOrDefault(what.room() + what.speaker(), -1);
      assertTrue(
          withoutGaps ? what.count() == before + 1 : what.count() > before,
          () -> what + " after " + before);
      last.put(what.room() + what.speaker(), what.count());
    }
  }

  private static void numbersRise(List<RoomMember.Heard> heard) {
    Map<String, Long> last = new HashMap<>();
    for (RoomMember.Heard what : heard) {
      long before = last.getOrDefault(what.room(), 0L);
      assertTrue(what.number() > before, () -> what + " after " + before);
      last.put(what.room(), what.number());
    }
  }

  /// What both heard of one room they heard in one order.
  private static void sameOrder(List<RoomMember.Heard> one, List<RoomMember.Heard> other) {
    Map<RoomMember.Heard, Integer> places = new HashMap<>();
    for (int i = 0; i < one.size(); i++) {
      places.put(one.get(i), i);
    }
    Map<String, Integer> last = new HashMap<>();
    for (RoomMember.Heard what : other) {
      Integer place = places.get(what);
      if (place != null) {
        int before = last.getOrDefault(what.room(), -1);
        assertTrue(place > before, () -> what + " came earlier at another member");
        last.put(what.room(), place);
      }
    }
  }

  private static void closeAll(List<RoomMember> members) throws Exception {
    for (RoomMember member : members) {
      member.close();
    }
  }
}
