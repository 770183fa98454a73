/*
 * A minimal WebSocket echo server over epoll: what a readiness model can reach at best, hence the limit that Pollux is measured
 * against. One thread, level-triggered, one receive buffer and one output buffer for all connections, 32 bytes of state for each.
 *
 *   echo_epoll PORT [SECONDS]      PORT 0 = any free port; ends by itself after SECONDS, or on SIGTERM and SIGINT
 *
 * What comes on a connection to /fanout goes to all others there instead: one publisher at a time, because bytes pass through as they
 * arrive. What comes on /publish goes to a room by way of another thread: publish.h.
 */
#define _GNU_SOURCE
#include <sys/epoll.h>

#include "echo.h"

enum { RECEIVE_BYTES = 64 * 1024, EVENTS = 1024 };

static int epoll;
static uint8_t input[RECEIVE_BYTES];
/* A reply's header is never longer than the request's; a split header adds at most the bytes that were received before. */
static uint8_t output[RECEIVE_BYTES + MAX_HEADER + MAX_RESPONSE_BYTES];

/* ---- connections ---- */

static void watch(int fd, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epoll, operation, fd, &event) < 0) fail("epoll_ctl");
}

static void drop(int fd) {
  unsubscribe(fd);
  leave(fd);
  release(&connections[fd]);
  close(fd);
}

static void accept_all(int listener) {
  for (;;) {
    const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EAGAIN) return;
      if (errno == EINTR || errno == ECONNABORTED) continue;
      fail("accept4"); /* a benchmark that ran out of descriptors has no result: end it */
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    connections[fd] = (struct connection){.state = HANDSHAKE};
    watch(fd, EPOLL_CTL_ADD, EPOLLIN);
  }
}

/* Sends; what the socket does not take is held, and reading stops until it has gone out, which bounds it. */
static void send_or_hold(int fd, const uint8_t *bytes, size_t n) {
  struct connection *c = &connections[fd];
  ssize_t sent = n == 0 ? 0 : send(fd, bytes, n, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) {
      drop(fd);
      return;
    }
    sent = 0;
  }
  if ((size_t)sent < n) {
    hold(c, bytes + sent, n - (size_t)sent, false);
    watch(fd, EPOLL_CTL_MOD, EPOLLOUT);
  } else if (c->state == ENDING) {
    drop(fd);
  }
}

/* To all others of /fanout. One that has not taken what it was sent before is skipped: a minimal server has no better policy. */
static void publish(int fd, size_t n) {
  for (int i = subscriber_count - 1; i >= 0; i--) {
    const int to = subscribers[i];
    if (to != fd && connections[to].held == NULL) send_or_hold(to, output, n);
  }
}

/*
 * To all in a room. For one that has not taken what it was sent before, it is held behind that: nobody is skipped. What is held is
 * bounded by who gives the orders, and waits until all have what was published.
 */
static void deliver(const struct publication *p) {
  const struct room *room = &rooms[p->room];
  for (int i = room->count - 1; i >= 0; i--) {
    const int to = room->members[i];
    struct connection *c = &connections[to];
    if (has_output_held(c)) {
      hold(c, p->frame, p->length, false);
    } else {
      send_or_hold(to, p->frame, p->length);
    }
  }
}

static void deliver_all(void) {
  uint64_t count;
  if (read(wake, &count, sizeof count) < 0) fail("read from an eventfd");
  struct publication *next, *p = take_all(&published, false);
  for (; p != NULL; p = next) {
    next = p->next;
    deliver(p);
    free(p);
  }
}

static void on_writable(int fd) {
  struct connection *c = &connections[fd];
  while (c->held != NULL) {
    struct held *held = c->held;
    const ssize_t sent = send(fd, held->bytes + held->start, held->end - held->start, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EINTR) drop(fd);
      return;
    }
    held->start += (size_t)sent;
    if (held->start < held->end) return;
    c->held = held->next;
    free(held);
  }
  if (c->state == ENDING) {
    drop(fd);
    return;
  }
  watch(fd, EPOLL_CTL_MOD, EPOLLIN);
}

static void on_readable(int fd) {
  struct connection *c = &connections[fd];
  const ssize_t n = recv(fd, input, sizeof input, 0);
  if (n <= 0) {
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) drop(fd);
    return;
  }
  const bool publishes = c->state != HANDSHAKE && subscriber_count > 0 && is_subscriber(fd);
  const bool to_rooms = c->state != HANDSHAKE && fd == publisher;
  const uint8_t *end = c->state == HANDSHAKE ? handshake(fd, input, input + n, output) : echo(c, input, input + n, output);
  const size_t length = (size_t)(end - output);
  if (publishes && c->state != ENDING) {
    publish(fd, length);
  } else if (to_rooms && c->state != ENDING) {
    take_orders(output, length);
  } else {
    send_or_hold(fd, output, length);
  }
}

/* ---- the loop ---- */

int main(int argc, char **argv) {
  struct rlimit descriptors;
  const uint16_t port = prepare(argc, argv, &descriptors);
  epoll = epoll_create1(0);
  if (epoll < 0) fail("epoll_create1");
  const int listener = listen_on(port);
  watch(listener, EPOLL_CTL_ADD, EPOLLIN);
  watch(wake, EPOLL_CTL_ADD, EPOLLIN);
  static struct epoll_event events[EVENTS];
  for (;;) {
    const int n = epoll_wait(epoll, events, EVENTS, -1);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    bool delivers = false;
    for (int i = 0; i < n; i++) {
      /* No stale events: a descriptor is closed only by its own event, and has one per turn. */
      const int fd = events[i].data.fd;
      if (fd == listener) {
        accept_all(fd);
      } else if (fd == wake) {
        delivers = true; /* after the events, because it may close others */
      } else if (has_output_held(&connections[fd])) {
        on_writable(fd);
      } else {
        on_readable(fd);
      }
    }
    if (delivers) deliver_all();
  }
}
