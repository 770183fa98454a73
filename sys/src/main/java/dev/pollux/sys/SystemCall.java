package dev.pollux.sys;

import java.util.Locale;

/// The calls of [Kernel], for counters and traces.
public enum SystemCall {
  SOCKET,
  BIND,
  LISTEN,
  ACCEPT4,
  CONNECT,
  GETSOCKNAME,
  GETPEERNAME,
  RECV,
  SEND,
  SENDMSG,
  READ,
  WRITE,
  WRITEV,
  SHUTDOWN,
  CLOSE,
  FCNTL,
  SETSOCKOPT,
  GETSOCKOPT,
  SELECT,
  POLL,
  EPOLL_CREATE1,
  EPOLL_CTL,
  EPOLL_WAIT,
  EVENTFD,
  PIPE2,
  GETRLIMIT;

  private final String callName = name().toLowerCase(Locale.ROOT);

  /// The name of the call's man page: `epoll_wait`.
  public String callName() {
    return callName;
  }

  @Override
  public String toString() {
    return callName;
  }
}
