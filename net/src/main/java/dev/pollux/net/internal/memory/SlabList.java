package dev.pollux.net.internal.memory;

import org.jspecify.annotations.Nullable;

/// Slabs, the one that was added last first; each is in one list at most.
final class SlabList {
  private @Nullable Slab first;
  private int size;

  int size() {
    return size;
  }

  @Nullable Slab first() {
    return first;
  }

  void add(Slab slab) {
    Slab next = first;
    slab.after = next;
    if (next != null) {
      next.before = slab;
    }
    first = slab;
    size++;
  }

  void remove(Slab slab) {
    Slab before = slab.before;
    Slab after = slab.after;
    if (before == null) {
      first = after;
    } else {
      before.after = after;
    }
    if (after != null) {
      after.before = before;
    }
    slab.before = null;
    slab.after = null;
    size--;
  }
}
