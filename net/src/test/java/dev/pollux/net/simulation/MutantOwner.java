package dev.pollux.net.simulation;

import dev.pollux.net.Owner;
import dev.pollux.net.OwnerLocal;
import dev.pollux.net.internal.Mutation;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An owner whose inbox has a bug that was put in on purpose.
final class MutantOwner implements Owner {
  final Owner owner;
  private final Mutation mutation;
  private final Chance chance;
  private final Consumer<Runnable> later;
  private @Nullable BooleanSupplier delayed;

  /// @param later does something after a while, as another thread
  MutantOwner(Owner owner, Mutation mutation, Chance chance, Consumer<Runnable> later) {
    this.owner = owner;
    this.mutation = mutation;
    this.chance = chance;
    this.later = later;
  }

  private boolean strikes(Mutation one) {
    return mutation == one && chance.percent(20);
  }

  /// Puts an entry into the inbox, or does with it what the bug does.
  boolean put(BooleanSupplier adding) {
    if (strikes(Mutation.LOSES_AN_ENTRY)) {
      return true;
    }
    if (delayed == null && strikes(Mutation.DELAYS_AN_ENTRY)) {
      delayed = adding;
      later.accept(this::putDelayed);
      return true;
    }
    boolean added = adding.getAsBoolean();
    putDelayed();
    boolean twice = added && strikes(Mutation.RUNS_AN_ENTRY_TWICE);
    return twice ? adding.getAsBoolean() : added;
  }

  private void putDelayed() {
    BooleanSupplier late = delayed;
    delayed = null;
    if (late != null && late.getAsBoolean()) {
      owner.wake();
    }
  }

  @Override
  public boolean add(Runnable entry) {
    return put(() -> owner.add(entry));
  }

  @Override
  public void wake() {
    owner.wake();
  }

  @Override
  public boolean isCurrent() {
    return owner.isCurrent();
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    return owner.schedule(delayNanos, task);
  }

  @Override
  public <T> T local(OwnerLocal<T> key) {
    return owner.local(key);
  }
}
