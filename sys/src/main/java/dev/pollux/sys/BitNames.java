package dev.pollux.sys;

import java.util.ArrayList;
import java.util.List;

/// The names of the bits of a flags argument, for a trace: `SOCK_NONBLOCK|SOCK_CLOEXEC`. Bits
/// without a name come out as a number, and no bit at all as `0`.
final class BitNames {
  static final BitNames EPOLL =
      new BitNames()
          .with(Epoll.EPOLLIN, "EPOLLIN")
          .with(Epoll.EPOLLPRI, "EPOLLPRI")
          .with(Epoll.EPOLLOUT, "EPOLLOUT")
          .with(Epoll.EPOLLERR, "EPOLLERR")
          .with(Epoll.EPOLLHUP, "EPOLLHUP")
          .with(Epoll.EPOLLRDHUP, "EPOLLRDHUP")
          .with(Epoll.EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE")
          .with(Epoll.EPOLLONESHOT, "EPOLLONESHOT")
          .with(Epoll.EPOLLET, "EPOLLET");

  static final BitNames EPOLL_CREATE = new BitNames().with(Epoll.EPOLL_CLOEXEC, "EPOLL_CLOEXEC");

  static final BitNames POLL =
      new BitNames()
          .with(PollFds.POLLIN, "POLLIN")
          .with(PollFds.POLLOUT, "POLLOUT")
          .with(PollFds.POLLERR, "POLLERR")
          .with(PollFds.POLLHUP, "POLLHUP")
          .with(PollFds.POLLNVAL, "POLLNVAL")
          .with(PollFds.POLLRDHUP, "POLLRDHUP");

  /// The types of sockets are small numbers; only the one that is used is known.
  static final BitNames SOCKET_TYPE =
      new BitNames()
          .with(Socket.SOCK_STREAM, "SOCK_STREAM")
          .with(Socket.SOCK_NONBLOCK, "SOCK_NONBLOCK")
          .with(Socket.SOCK_CLOEXEC, "SOCK_CLOEXEC");

  static final BitNames MESSAGE =
      new BitNames()
          .with(Socket.MSG_PEEK, "MSG_PEEK")
          .with(Socket.MSG_DONTWAIT, "MSG_DONTWAIT")
          .with(Socket.MSG_WAITALL, "MSG_WAITALL")
          .with(Socket.MSG_NOSIGNAL, "MSG_NOSIGNAL")
          .with(Socket.MSG_MORE, "MSG_MORE");

  static final BitNames EVENTFD =
      new BitNames()
          .with(EventFd.EFD_SEMAPHORE, "EFD_SEMAPHORE")
          .with(EventFd.EFD_NONBLOCK, "EFD_NONBLOCK")
          .with(EventFd.EFD_CLOEXEC, "EFD_CLOEXEC");

  static final BitNames DESCRIPTOR = new BitNames().with(Fcntl.FD_CLOEXEC, "FD_CLOEXEC");

  /// The flags of an open file; how it may be used is no bit but the number of the lowest two.
  static final BitNames FILE =
      new BitNames()
          .with(1, "O_WRONLY")
          .with(2, "O_RDWR")
          .with(Fcntl.O_NONBLOCK, "O_NONBLOCK")
          .with(Fcntl.O_CLOEXEC, "O_CLOEXEC");

  static final BitNames SQE =
      new BitNames()
          .with(IoUring.IOSQE_FIXED_FILE, "IOSQE_FIXED_FILE")
          .with(IoUring.IOSQE_IO_LINK, "IOSQE_IO_LINK")
          .with(IoUring.IOSQE_BUFFER_SELECT, "IOSQE_BUFFER_SELECT")
          .with(IoUring.IOSQE_CQE_SKIP_SUCCESS, "IOSQE_CQE_SKIP_SUCCESS");

  static final BitNames CQE =
      new BitNames()
          .with(IoUring.IORING_CQE_F_BUFFER, "IORING_CQE_F_BUFFER")
          .with(IoUring.IORING_CQE_F_MORE, "IORING_CQE_F_MORE")
          .with(IoUring.IORING_CQE_F_SOCK_NONEMPTY, "IORING_CQE_F_SOCK_NONEMPTY")
          .with(IoUring.IORING_CQE_F_BUF_MORE, "IORING_CQE_F_BUF_MORE");

  static final BitNames ACCEPT_PRIORITY =
      new BitNames().with(IoUring.IORING_ACCEPT_MULTISHOT, "IORING_ACCEPT_MULTISHOT");

  static final BitNames TRANSFER_PRIORITY =
      new BitNames()
          .with(IoUring.IORING_RECVSEND_POLL_FIRST, "IORING_RECVSEND_POLL_FIRST")
          .with(IoUring.IORING_RECV_MULTISHOT, "IORING_RECV_MULTISHOT");

  static final BitNames POLL_LENGTH =
      new BitNames().with(IoUring.IORING_POLL_ADD_MULTI, "IORING_POLL_ADD_MULTI");

  static final BitNames CANCEL =
      new BitNames()
          .with(IoUring.IORING_ASYNC_CANCEL_ALL, "IORING_ASYNC_CANCEL_ALL")
          .with(IoUring.IORING_ASYNC_CANCEL_FD, "IORING_ASYNC_CANCEL_FD")
          .with(IoUring.IORING_ASYNC_CANCEL_FD_FIXED, "IORING_ASYNC_CANCEL_FD_FIXED");

  static final BitNames ENTER =
      new BitNames()
          .with(IoUring.IORING_ENTER_GETEVENTS, "IORING_ENTER_GETEVENTS")
          .with(IoUring.IORING_ENTER_EXT_ARG, "IORING_ENTER_EXT_ARG");

  private record Bit(int value, String name) {}

  private final List<Bit> bits = new ArrayList<>();

  private BitNames() {}

  private BitNames with(int value, String name) {
    bits.add(new Bit(value, name));
    return this;
  }

  void append(StringBuilder text, int value) {
    int rest = value;
    String separator = "";
    for (Bit bit : bits) {
      if ((rest & bit.value) != 0) {
        text.append(separator).append(bit.name);
        separator = "|";
        rest &= ~bit.value;
      }
    }
    if (rest != 0) {
      text.append(separator).append("0x").append(Integer.toHexString(rest));
    } else if (value == 0) {
      text.append('0');
    }
  }
}
