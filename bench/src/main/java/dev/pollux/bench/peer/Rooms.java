package dev.pollux.bench.peer;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/// The rooms of a server, and the thread of its application that publishes to them.
///
/// Who connects to `/rooms?K` is in room K. A binary message at `/publish` is an order: it begins
/// with the number of a room, four bytes, big-endian; the rest is for all who are in it. The
/// handler of that message only puts it into a queue, from which the thread takes it.
///
/// @param <R> what the product has for a room
final class Rooms<R> {
  static final String PATH = "/rooms";
  static final String PUBLISH_PATH = "/publish";

  private final Map<Integer, R> rooms = new ConcurrentHashMap<>();
  private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();
  private final Supplier<R> newRoom;
  private final Publication<R> publication;

  /// How the product publishes from a thread that is none of its own.
  @FunctionalInterface
  interface Publication<R> {
    void publish(R room, byte[] message) throws Exception;
  }

  private static final class Order {
    final int room;
    final byte[] message;

    Order(ByteBuffer data) {
      room = data.getInt();
      message = new byte[data.remaining()];
      data.get(message);
    }
  }

  /// Starts the thread.
  Rooms(Supplier<R> newRoom, Publication<R> publication) {
    this.newRoom = newRoom;
    this.publication = publication;
    Thread.ofPlatform().daemon().name("publisher").start(this::publish);
  }

  /// Of a product that has nothing for a room, and is told to send to each.
  static <C> Rooms<Set<C>> ofSets(Publication<C> sending) {
    return new Rooms<>(
        ConcurrentHashMap::newKeySet,
        (members, message) -> {
          for (C member : members) {
            sending.publish(member, message);
          }
        });
  }

  /// The room of who has connected to an address with this query, or to this whole address.
  R room(String address) {
    Integer number = Integer.valueOf(address.substring(address.indexOf('?') + 1));
    return rooms.computeIfAbsent(number, _ -> newRoom.get());
  }

  /// Takes a message that came at `/publish`. The buffer may be used again afterwards.
  void order(ByteBuffer data) {
    orders.add(new Order(data));
  }

  private void publish() {
    try {
      while (true) {
        Order order = orders.take();
        R room = rooms.get(order.room);
        if (room != null) {
          publication.publish(room, order.message);
        }
      }
    } catch (Exception e) {
      // Who counts the messages misses those that do not come.
      throw new IllegalStateException(e);
    }
  }
}
