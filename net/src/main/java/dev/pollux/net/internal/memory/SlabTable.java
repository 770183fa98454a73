package dev.pollux.net.internal.memory;

import org.jspecify.annotations.Nullable;

/// Slabs by where they lie: open addressing, so that nothing is made when a slab is looked for.
final class SlabTable {
  private @Nullable Slab[] places = new Slab[16];
  private int count;

  /// The slab that begins at `address`; null if there is none.
  @Nullable Slab at(long address) {
    for (int i = home(address); ; i = next(i)) {
      Slab slab = places[i];
      if (slab == null || slab.memory.address() == address) {
        return slab;
      }
    }
  }

  void add(Slab slab) {
    if (2 * ++count > places.length) {
      grow();
    }
    put(slab);
  }

  private void put(Slab slab) {
    int i = home(slab.memory.address());
    while (places[i] != null) {
      i = next(i);
    }
    places[i] = slab;
  }

  void remove(Slab slab) {
    int i = home(slab.memory.address());
    while (places[i] != slab) {
      i = next(i);
    }
    places[i] = null;
    count--;
    // Those behind it may have wanted its place.
    for (int j = next(i); ; j = next(j)) {
      Slab moved = places[j];
      if (moved == null) {
        return;
      }
      places[j] = null;
      put(moved);
    }
  }

  private void grow() {
    @Nullable Slab[] old = places;
    places = new Slab[2 * old.length];
    for (Slab slab : old) {
      if (slab != null) {
        put(slab);
      }
    }
  }

  private int home(long address) {
    // Fibonacci hashing: slabs lie one behind the other.
    long hash = address * 0x9E3779B97F4A7C15L;
    return (int) (hash >>> 32) & (places.length - 1);
  }

  private int next(int place) {
    return (place + 1) & (places.length - 1);
  }
}
