/*
 * Holds many WebSocket connections to one server from a process of its own, so that both ends do not share one limit of descriptors.
 * `hold --help` lists the options. While it holds, pings are answered, and a connection that the server ends is an error.
 *
 *   opening -> holding -- SIGUSR1, or --seconds are over --> one message on each, each checked -> done, status 0
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

enum { PAYLOAD_BYTES = 32, EVENTS = 1024, OPENING_SECONDS = 300, ECHO_SECONDS = 30, REPORT_SECONDS = 10 };

static struct {
  uint16_t port;
  const char *path;
  size_t connections;
  unsigned seconds;
} options = {.path = "/echo", .connections = 1000, .seconds = 60};

struct connection {
  int fd;
  bool asked, answered;
  size_t checked;
  uint8_t payload[PAYLOAD_BYTES];
  struct reader reader;
};

static struct connection *connections;
static size_t answered;
static size_t pings;
static uint64_t random_state = 0x9e3779b97f4a7c15;

static void say(const char *what, size_t n) {
  printf("%s %zu\n", what, n);
  fflush(stdout);
}

static double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* At most two small frames are ever under way on a connection, so a socket that does not take one whole is broken. */
static void send_frame(const struct connection *c, uint8_t opcode, const uint8_t *payload, size_t n) {
  uint8_t frame[2 + 4 + MAX_CONTROL_PAYLOAD];
  const uint8_t *end = put_masked_frame(frame, opcode, payload, n, (uint32_t)(next_random(&random_state) >> 32));
  const ssize_t sent = send(c->fd, frame, (size_t)(end - frame), MSG_NOSIGNAL);
  if (sent != end - frame) die("connection %td: a frame of %td bytes was not taken: %s", c - connections, end - frame, sent < 0 ? strerror(errno) : "only in part");
}

/* The number of the connection and random bytes: an answer that went to another connection shows. */
static void ask(struct connection *c) {
  const uint64_t id = (uint64_t)(c - connections);
  memcpy(c->payload, &id, sizeof id);
  for (size_t i = sizeof id; i < PAYLOAD_BYTES; i += sizeof id) {
    const uint64_t random = next_random(&random_state);
    memcpy(c->payload + i, &random, sizeof random);
  }
  c->asked = true;
  send_frame(c, BINARY, c->payload, PAYLOAD_BYTES);
}

static void check(struct connection *c, const struct piece *piece) {
  const ptrdiff_t id = c - connections;
  if (!c->asked || c->answered || piece->opcode != BINARY) die("connection %td: a message that was not asked for", id);
  if (c->checked + piece->length > PAYLOAD_BYTES || memcmp(piece->bytes, c->payload + c->checked, piece->length) != 0) {
    die("connection %td: the answer differs from the message", id);
  }
  c->checked += piece->length;
  if (!piece->ends_message) return;
  if (c->checked != PAYLOAD_BYTES) die("connection %td: the answer is too short", id);
  c->answered = true;
  answered++;
}

static void on_readable(struct connection *c) {
  uint8_t input[4096];
  const ssize_t n = recv(c->fd, input, sizeof input, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) die("connection %td: recv: %s", c - connections, strerror(errno));
  if (n == 0) die("connection %td: closed by the server", c - connections);
  const uint8_t *in = input;
  for (struct piece piece; read_piece(&c->reader, &in, input + n, &piece);) {
    if (piece.opcode == CLOSE) die("connection %td: the server sent Close", c - connections);
    if (piece.opcode == PING) {
      send_frame(c, PONG, piece.bytes, piece.length);
      pings++;
    }
    if (piece.opcode < CLOSE) check(c, &piece);
  }
}

static void add(int epoll, int fd, struct connection *c) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl: %s", strerror(errno));
}

/* Reads what comes until the deadline, a signal at signals (its event has no connection), or the last answer. */
static void attend(int epoll, double deadline) {
  static struct epoll_event events[EVENTS];
  double next_report = seconds_now() + REPORT_SECONDS;
  for (double now; (now = seconds_now()) < deadline && answered < options.connections;) {
    const double until = deadline < next_report ? deadline : next_report;
    const int n = epoll_wait(epoll, events, EVENTS, (int)((until - now) * 1000) + 1);
    if (n < 0 && errno != EINTR) die("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < n; i++) {
      if (events[i].data.ptr == NULL) return;
      on_readable(events[i].data.ptr);
    }
    if (seconds_now() >= next_report) {
      say("still holding", options.connections);
      say("pings", pings);
      next_report += REPORT_SECONDS;
    }
  }
}

static void usage(FILE *file) {
  fprintf(file,
          "usage: hold --port P [options]\n"
          "  --path PATH        of the echo, default /echo\n"
          "  --connections N    default 1000\n"
          "  --source N         connect from 127.0.0.1 + N on, default 0; give each process its own\n"
          "  --seconds S        held at most so long, default 60; SIGUSR1 ends it earlier\n");
}

static void parse_options(int argc, char **argv) {
  static const struct option known[] = {{"port", 1, NULL, 'p'},    {"path", 1, NULL, 'u'}, {"connections", 1, NULL, 'c'},
                                        {"seconds", 1, NULL, 's'}, {"source", 1, NULL, 'f'}, {"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
  for (int option, index; (option = getopt_long(argc, argv, "", known, &index)) != -1;) {
    const char *name = option == '?' ? "" : known[index].name;
    switch (option) {
      case 'p': options.port = (uint16_t)number(name, optarg, 1, 65535); break;
      case 'u': options.path = optarg; break;
      case 'c': options.connections = number(name, optarg, 1, 1000000); break;
      case 'f': first_source = (uint32_t)number(name, optarg, 0, 65535); break;
      case 's': options.seconds = (unsigned)number(name, optarg, 0, 3600); break;
      case 'h': usage(stdout); exit(0);
      default: usage(stderr); exit(2);
    }
  }
  if (optind < argc) die("%s: no such option", argv[optind]);
  if (options.port == 0) die("--port is needed");
}

int main(int argc, char **argv) {
  parse_options(argc, argv);
  end_after(OPENING_SECONDS + options.seconds + ECHO_SECONDS);
  /* Blocked from the start: a signal that comes while connections are being opened waits its turn. */
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  sigprocmask(SIG_BLOCK, &signals, NULL);

  need_descriptors(options.connections + 16);
  int *descriptors = allocate(options.connections, sizeof *descriptors);
  open_connections(descriptors, options.connections, options.port, options.path, stdout);
  const int epoll = epoll_create1(0), signal = signalfd(-1, &signals, SFD_NONBLOCK);
  if (epoll < 0 || signal < 0) die("epoll_create1 or signalfd: %s", strerror(errno));
  connections = allocate(options.connections, sizeof *connections);
  for (size_t i = 0; i < options.connections; i++) {
    connections[i].fd = descriptors[i];
    add(epoll, descriptors[i], &connections[i]);
  }
  free(descriptors);
  add(epoll, signal, NULL);

  say("holding", options.connections);
  attend(epoll, seconds_now() + options.seconds);
  epoll_ctl(epoll, EPOLL_CTL_DEL, signal, NULL);
  say("asking", options.connections);
  for (size_t i = 0; i < options.connections; i++) ask(&connections[i]);
  attend(epoll, seconds_now() + ECHO_SECONDS);
  if (answered < options.connections) die("%zu of %zu connections answered within %d s", answered, options.connections, ECHO_SECONDS);
  say("pings", pings);
  say("answered", answered);
  return 0;
}
