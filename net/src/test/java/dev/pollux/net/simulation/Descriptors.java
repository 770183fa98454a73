package dev.pollux.net.simulation;

import dev.pollux.sys.Errno;
import org.jspecify.annotations.Nullable;

/// The descriptors of the simulated process: the lowest free number is given out first, and again
/// at once.
final class Descriptors {
  private static final int FIRST = 3;

  private final @Nullable OpenFile[] files;
  private int highest = FIRST - 1;
  private int open;

  Descriptors(int limit) {
    files = new @Nullable OpenFile[limit];
  }

  int limit() {
    return files.length;
  }

  boolean isFull() {
    return open >= files.length - FIRST;
  }

  int open() {
    return open;
  }

  /// The new descriptor, or `-EMFILE`.
  int add(OpenFile file) {
    for (int fd = FIRST; fd < files.length; fd++) {
      if (files[fd] == null) {
        files[fd] = file;
        open++;
        highest = Math.max(highest, fd);
        return fd;
      }
    }
    return -Errno.EMFILE;
  }

  void replace(int fd, OpenFile file) {
    files[fd] = file;
  }

  @Nullable OpenFile at(int fd) {
    return fd >= 0 && fd <= highest ? files[fd] : null;
  }

  int notASocket(int fd) {
    OpenFile file = at(fd);
    if (file == null) {
      return -Errno.EBADF;
    }
    return file instanceof ListeningFile ? -Errno.EINVAL : -Errno.ENOTSOCK;
  }

  int close(int fd) {
    OpenFile file = at(fd);
    if (file == null) {
      return -Errno.EBADF;
    }
    files[fd] = null;
    open--;
    file.closeLast();
    return 0;
  }

  /// Some open one, or null.
  @Nullable OpenFile any(Chance chance) {
    return highest < FIRST ? null : files[chance.between(FIRST, highest)];
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int fd = FIRST; fd <= highest; fd++) {
      OpenFile file = files[fd];
      if (file != null) {
        text.append(fd).append('=').append(file.getClass().getSimpleName());
        text.append(file instanceof TcpEnd ? "[" + file + "] " : " ");
      }
    }
    return text.toString();
  }
}
