package dev.pollux.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// A client of a [Room]: says things in its rooms from one thread, hears from another.
final class RoomMember {
  /// Something that was heard.
  ///
  /// @param number what the room gave it
  /// @param count what the speaker gave it
  record Heard(String room, long number, String speaker, int count) {}

  final String name;
  private final RawClient client;
  private final Semaphore inFlight;
  private final List<Heard> heard = new ArrayList<>();
  private final Thread listener;
  private Thread speaker = new Thread(() -> {});

  /// @param mostInFlight things that it has said and not heard itself
  RoomMember(InetSocketAddress server, String name, String rooms, int mostInFlight)
      throws IOException {
    this.name = name;
    this.client = new RawClient(server, "/room?" + rooms + "&" + name);
    this.inFlight = new Semaphore(mostInFlight);
    this.listener = Thread.ofPlatform().name("hears-" + name).start(this::hear);
  }

  private void hear() {
    try {
      for (String frame = client.read(); frame.startsWith("text "); frame = client.read()) {
        String[] parts = frame.split(" ", -1);
        Heard what =
            new Heard(parts[1], Long.parseLong(parts[2]), parts[3], Integer.parseInt(parts[4]));
        if (what.speaker.equals(name)) {
          inFlight.release();
        }
        synchronized (heard) {
          heard.add(what);
        }
      }
    } catch (IOException e) {
      // It was reset, or the test is over.
    }
  }

  /// Says `count` things in each of the rooms in turn.
  void say(int count, String... rooms) {
    speaker =
        Thread.ofPlatform()
            .name("says-" + name)
            .start(() -> {
              try {
                for (int i = 0; i < count; i++) {
                  for (String room : rooms) {
                    if (!inFlight.tryAcquire(120, TimeUnit.SECONDS)) {
                      return;
                    }
                    client.sendText(room + " " + name + " " + i);
                  }
                }
              } catch (IOException | InterruptedException e) {
                // It was reset, or the test is over.
              }
            });
  }

  void awaitSaid() throws InterruptedException {
    speaker.join(TimeUnit.SECONDS.toMillis(90));
  }

  /// All that was heard so far, in its order.
  List<Heard> heard() {
    synchronized (heard) {
      return List.copyOf(heard);
    }
  }

  int heardCount() {
    synchronized (heard) {
      return heard.size();
    }
  }

  void reset() throws IOException {
    client.reset();
  }

  void close() throws IOException, InterruptedException {
    client.close();
    listener.join();
    speaker.join();
  }
}
