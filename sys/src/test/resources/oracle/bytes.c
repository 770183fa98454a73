/* Prints filled structs byte by byte; the test fills the same ones in Java and compares. */
#include "headers.h"

static void print(const char *name, const void *start, size_t size) {
  const unsigned char *bytes = start;
  printf("%s ", name);
  for (size_t i = 0; i < size; i++) printf("%02x", bytes[i]);
  printf("\n");
}

int main(void) {
  struct sockaddr_in in;
  memset(&in, 0, sizeof in);
  in.sin_family = AF_INET;
  in.sin_port = htons(0x1234);
  inet_pton(AF_INET, "192.0.2.7", &in.sin_addr);
  print("sockaddr_in", &in, sizeof in);

  struct sockaddr_in6 in6;
  memset(&in6, 0, sizeof in6);
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(0xfedc);
  in6.sin6_scope_id = 3;
  inet_pton(AF_INET6, "fe80::1:2:3", &in6.sin6_addr);
  print("sockaddr_in6", &in6, sizeof in6);

  fd_set set;
  FD_ZERO(&set);
  const int descriptors[] = {0, 5, 63, 64, 700, 1022, 1023};
  for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++) FD_SET(descriptors[i], &set);
  FD_CLR(1022, &set);
  print("fd_set", &set, sizeof set);

  struct pollfd fds[2];
  memset(fds, 0, sizeof fds);
  fds[0].fd = 0x01020304;
  fds[0].events = POLLIN | POLLRDHUP;
  fds[1].fd = -1;
  fds[1].events = POLLOUT;
  print("pollfd", fds, sizeof fds);

  struct epoll_event events[2];
  memset(events, 0, sizeof events);
  events[0].events = EPOLLIN | EPOLLET;
  events[0].data.u64 = 0xfedcba9876543210u;
  events[1].events = EPOLLRDHUP;
  events[1].data.u64 = 42;
  print("epoll_event", events, sizeof events);

  struct linger linger = {.l_onoff = 1, .l_linger = 7};
  print("linger", &linger, sizeof linger);
  return 0;
}
