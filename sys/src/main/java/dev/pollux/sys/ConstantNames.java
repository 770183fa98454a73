package dev.pollux.sys;

/// The names of arguments that are one of several numbers, for a trace. A number without a name
/// stays a number.
final class ConstantNames {
  private ConstantNames() {}

  static String family(int domain) {
    return switch (domain) {
      case Socket.AF_INET -> "AF_INET";
      case Socket.AF_INET6 -> "AF_INET6";
      default -> Integer.toString(domain);
    };
  }

  /// An argument of socket(2), or the level of an option.
  static String protocol(int protocol) {
    return switch (protocol) {
      case Socket.IPPROTO_IP -> "IPPROTO_IP";
      case Socket.SOL_SOCKET -> "SOL_SOCKET";
      case Socket.IPPROTO_TCP -> "IPPROTO_TCP";
      case Socket.IPPROTO_IPV6 -> "IPPROTO_IPV6";
      default -> Integer.toString(protocol);
    };
  }

  static String option(int level, int option) {
    String name =
        switch (level) {
          case Socket.SOL_SOCKET -> socketOption(option);
          case Socket.IPPROTO_TCP -> tcpOption(option);
          case Socket.IPPROTO_IP ->
              option == Socket.IP_BIND_ADDRESS_NO_PORT ? "IP_BIND_ADDRESS_NO_PORT" : "";
          case Socket.IPPROTO_IPV6 -> option == Socket.IPV6_V6ONLY ? "IPV6_V6ONLY" : "";
          default -> "";
        };
    return name.isEmpty() ? Integer.toString(option) : name;
  }

  private static String socketOption(int option) {
    return switch (option) {
      case Socket.SO_REUSEADDR -> "SO_REUSEADDR";
      case Socket.SO_ERROR -> "SO_ERROR";
      case Socket.SO_SNDBUF -> "SO_SNDBUF";
      case Socket.SO_RCVBUF -> "SO_RCVBUF";
      case Socket.SO_KEEPALIVE -> "SO_KEEPALIVE";
      case Socket.SO_LINGER -> "SO_LINGER";
      case Socket.SO_REUSEPORT -> "SO_REUSEPORT";
      case Socket.SO_ACCEPTCONN -> "SO_ACCEPTCONN";
      case Socket.SO_BUSY_POLL -> "SO_BUSY_POLL";
      default -> "";
    };
  }

  private static String tcpOption(int option) {
    return switch (option) {
      case Socket.TCP_NODELAY -> "TCP_NODELAY";
      case Socket.TCP_KEEPIDLE -> "TCP_KEEPIDLE";
      case Socket.TCP_KEEPINTVL -> "TCP_KEEPINTVL";
      case Socket.TCP_KEEPCNT -> "TCP_KEEPCNT";
      case Socket.TCP_DEFER_ACCEPT -> "TCP_DEFER_ACCEPT";
      case Socket.TCP_INFO -> "TCP_INFO";
      case Socket.TCP_QUICKACK -> "TCP_QUICKACK";
      case Socket.TCP_USER_TIMEOUT -> "TCP_USER_TIMEOUT";
      default -> "";
    };
  }

  static String shutdown(int how) {
    return switch (how) {
      case Socket.SHUT_RD -> "SHUT_RD";
      case Socket.SHUT_WR -> "SHUT_WR";
      case Socket.SHUT_RDWR -> "SHUT_RDWR";
      default -> Integer.toString(how);
    };
  }

  static String fcntl(int command) {
    return switch (command) {
      case Fcntl.F_GETFD -> "F_GETFD";
      case Fcntl.F_SETFD -> "F_SETFD";
      case Fcntl.F_GETFL -> "F_GETFL";
      case Fcntl.F_SETFL -> "F_SETFL";
      case Fcntl.F_DUPFD_CLOEXEC -> "F_DUPFD_CLOEXEC";
      default -> Integer.toString(command);
    };
  }

  static String epollOperation(int operation) {
    return switch (operation) {
      case Epoll.EPOLL_CTL_ADD -> "EPOLL_CTL_ADD";
      case Epoll.EPOLL_CTL_MOD -> "EPOLL_CTL_MOD";
      case Epoll.EPOLL_CTL_DEL -> "EPOLL_CTL_DEL";
      default -> Integer.toString(operation);
    };
  }

  static String resource(int resource) {
    return switch (resource) {
      case Rlimit.RLIMIT_NPROC -> "RLIMIT_NPROC";
      case Rlimit.RLIMIT_NOFILE -> "RLIMIT_NOFILE";
      default -> Integer.toString(resource);
    };
  }

  /// strerror(3) of the errors that a socket, a wait or a ring can have; nothing for the others.
  static String sentence(int errno) {
    return switch (errno) {
      case Errno.EPERM -> "Operation not permitted";
      case Errno.ENOENT -> "No such file or directory";
      case Errno.EINTR -> "Interrupted system call";
      case Errno.EBADF -> "Bad file descriptor";
      case Errno.EAGAIN -> "Resource temporarily unavailable";
      case Errno.ENOMEM -> "Cannot allocate memory";
      case Errno.EACCES -> "Permission denied";
      case Errno.EFAULT -> "Bad address";
      case Errno.EBUSY -> "Device or resource busy";
      case Errno.EEXIST -> "File exists";
      case Errno.EINVAL -> "Invalid argument";
      case Errno.ENFILE -> "Too many open files in system";
      case Errno.EMFILE -> "Too many open files";
      case Errno.ENOSPC -> "No space left on device";
      case Errno.EPIPE -> "Broken pipe";
      case Errno.ENOSYS -> "Function not implemented";
      case Errno.ETIME -> "Timer expired";
      case Errno.EPROTO -> "Protocol error";
      case Errno.ENOTSOCK -> "Socket operation on non-socket";
      case Errno.EMSGSIZE -> "Message too long";
      case Errno.ENOPROTOOPT -> "Protocol not available";
      case Errno.EOPNOTSUPP -> "Operation not supported";
      case Errno.EAFNOSUPPORT -> "Address family not supported by protocol";
      case Errno.EADDRINUSE -> "Address already in use";
      case Errno.EADDRNOTAVAIL -> "Cannot assign requested address";
      case Errno.ENETDOWN -> "Network is down";
      case Errno.ENETUNREACH -> "Network is unreachable";
      case Errno.ECONNABORTED -> "Software caused connection abort";
      case Errno.ECONNRESET -> "Connection reset by peer";
      case Errno.ENOBUFS -> "No buffer space available";
      case Errno.EISCONN -> "Transport endpoint is already connected";
      case Errno.ENOTCONN -> "Transport endpoint is not connected";
      case Errno.ETIMEDOUT -> "Connection timed out";
      case Errno.ECONNREFUSED -> "Connection refused";
      case Errno.EHOSTUNREACH -> "No route to host";
      case Errno.EALREADY -> "Operation already in progress";
      case Errno.EINPROGRESS -> "Operation now in progress";
      case Errno.ECANCELED -> "Operation canceled";
      default -> "";
    };
  }
}
