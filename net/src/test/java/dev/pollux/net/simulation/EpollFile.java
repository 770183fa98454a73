package dev.pollux.net.simulation;

import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// epoll(7) as fs/eventpoll.c has it: a list of watches, and a list of those that may be ready. A
/// watch comes on the ready list when it is added or changed while ready, and whenever its file
/// wakes it; a wait asks each of them once more, and puts a level-triggered one back at the end.
final class EpollFile extends OpenFile {
  private static final int ALWAYS = Epoll.EPOLLERR | Epoll.EPOLLHUP;
  private static final int PRIVATE = Epoll.EPOLLET | Epoll.EPOLLONESHOT | Epoll.EPOLLEXCLUSIVE;

  private final List<Watch> watches = new ArrayList<>();
  private ArrayDeque<Watch> ready = new ArrayDeque<>();

  /// One descriptor on the list of interest.
  final class Watch {
    private final OpenFile file;
    private final int fd;
    private int events;
    private long data;
    private boolean listed;

    private Watch(OpenFile file, int fd) {
      this.file = file;
      this.fd = fd;
    }

    void wake(int bits) {
      boolean disarmed = (events & ~PRIVATE) == 0;
      if (!disarmed && (bits == 0 || (bits & events) != 0)) {
        list();
      }
    }

    private void list() {
      if (!listed) {
        listed = true;
        ready.addLast(this);
        EpollFile.this.wake(Epoll.EPOLLIN);
      }
    }

    private void set(int newEvents, long newData) {
      events = newEvents | ALWAYS;
      data = newData;
      if ((file.readiness() & events) != 0) {
        list();
      }
    }

    void remove() {
      watches.remove(this);
      ready.remove(this);
      file.notWatched(this);
    }
  }

  int control(int operation, int fd, @Nullable OpenFile file, int events, long data) {
    if (file == null) {
      return -Errno.EBADF;
    }
    if (file == this) {
      return -Errno.EINVAL;
    }
    Watch watch = find(fd, file);
    switch (operation) {
      case Epoll.EPOLL_CTL_ADD -> {
        if (watch != null) {
          return -Errno.EEXIST;
        }
        Watch added = new Watch(file, fd);
        watches.add(added);
        file.watched(added);
        added.set(events, data);
      }
      case Epoll.EPOLL_CTL_MOD -> {
        if (watch == null) {
          return -Errno.ENOENT;
        }
        watch.set(events, data);
      }
      case Epoll.EPOLL_CTL_DEL -> {
        if (watch == null) {
          return -Errno.ENOENT;
        }
        watch.remove();
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
    return 0;
  }

  private @Nullable Watch find(int fd, OpenFile file) {
    for (int i = 0; i < watches.size(); i++) {
      Watch watch = watches.get(i);
      if (watch.fd == fd && watch.file.equals(file)) {
        return watch;
      }
    }
    return null;
  }

  int collect(EpollEvents events, long nowNanos) {
    int count = 0;
    ArrayDeque<Watch> again = new ArrayDeque<>();
    ArrayDeque<Watch> hidden = new ArrayDeque<>();
    while (!ready.isEmpty() && count < events.capacity()) {
      Watch watch = ready.removeFirst();
      if (watch.file.isHidden(nowNanos)) {
        hidden.addLast(watch);
        continue;
      }
      watch.listed = false;
      int told = watch.file.told(nowNanos) & watch.events;
      if (told == 0) {
        continue;
      }
      events.set(count++, told, watch.data);
      if ((watch.events & Epoll.EPOLLONESHOT) != 0) {
        watch.events &= PRIVATE;
      } else if ((watch.events & Epoll.EPOLLET) == 0) {
        watch.listed = true;
        again.addLast(watch);
      }
    }
    // What did not fit comes first, then what is level-triggered, then what is held back.
    ready.addAll(again);
    ready.addAll(hidden);
    return count;
  }

  @Override
  int readiness() {
    for (Watch watch : ready) {
      if ((watch.file.readiness() & watch.events) != 0) {
        return Epoll.EPOLLIN;
      }
    }
    return 0;
  }

  @Override
  void closed() {
    while (!watches.isEmpty()) {
      watches.getLast().remove();
    }
  }
}
