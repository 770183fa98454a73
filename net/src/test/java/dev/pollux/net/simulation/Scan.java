package dev.pollux.net.simulation;

import dev.pollux.sys.Epoll;
import dev.pollux.sys.Errno;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.PollFds;

/// What select(2) and poll(2) do each time that they look: fs/select.c.
final class Scan {
  private static final int READABLE = Epoll.EPOLLIN | Epoll.EPOLLHUP | Epoll.EPOLLERR;
  private static final int WRITABLE = Epoll.EPOLLOUT | Epoll.EPOLLERR;

  private final Descriptors descriptors;
  private final Agenda agenda;

  Scan(Descriptors descriptors, Agenda agenda) {
    this.descriptors = descriptors;
    this.agenda = agenda;
  }

  /// The sets keep what is ready if anything is, and are as they were before otherwise.
  int select(int count, FdSet read, FdSet write) {
    int found = 0;
    int[] told = new int[count];
    for (int fd = 0; fd < count; fd++) {
      if (!read.isSet(fd) && !write.isSet(fd)) {
        continue;
      }
      OpenFile file = descriptors.at(fd);
      if (file == null) {
        return -Errno.EBADF;
      }
      told[fd] = file.told(agenda.now());
      found += read.isSet(fd) && (told[fd] & READABLE) != 0 ? 1 : 0;
      found += write.isSet(fd) && (told[fd] & WRITABLE) != 0 ? 1 : 0;
    }
    for (int fd = 0; found > 0 && fd < count; fd++) {
      if ((told[fd] & READABLE) == 0) {
        read.clear(fd);
      }
      if ((told[fd] & WRITABLE) == 0) {
        write.clear(fd);
      }
    }
    return found;
  }

  int poll(PollFds fds, int count) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      int fd = fds.fd(i);
      if (fd < 0) {
        fds.told(i, 0);
        continue;
      }
      OpenFile file = descriptors.at(fd);
      int always = PollFds.POLLERR | PollFds.POLLHUP;
      int told =
          file == null ? PollFds.POLLNVAL : file.told(agenda.now()) & (fds.events(i) | always);
      fds.told(i, told);
      found += told != 0 ? 1 : 0;
    }
    return found;
  }
}
