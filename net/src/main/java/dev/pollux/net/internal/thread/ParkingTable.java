package dev.pollux.net.internal.thread;

import dev.pollux.net.internal.loop.DescriptorKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The parkings by descriptor, with a generation that tells the uses of a number apart. Any thread
/// adds and removes; finding takes no lock.
public final class ParkingTable {
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(Parking[].class);

  /// Written under the lock, entries too, so that growing loses none.
  private volatile @Nullable Parking[] entries = new Parking[64];

  private int generation;

  public synchronized Parking add(int fd) {
    if (fd >= entries.length) {
      entries = Arrays.copyOf(entries, Math.max(fd + 1, entries.length * 2));
    }
    generation = generation + 1 & Integer.MAX_VALUE;
    Parking parking = new Parking(DescriptorKey.of(fd, generation));
    ENTRY.setVolatile(entries, fd, parking);
    return parking;
  }

  public synchronized void remove(Parking parking) {
    ENTRY.compareAndSet(entries, DescriptorKey.fd(parking.key()), parking, null);
  }

  /// What stands behind a key, or null if that use of the descriptor is over.
  public @Nullable Parking find(long key) {
    @Nullable Parking[] now = entries;
    int fd = DescriptorKey.fd(key);
    Parking parking = fd < now.length ? (Parking) ENTRY.getVolatile(now, fd) : null;
    return parking != null && parking.key() == key ? parking : null;
  }
}
