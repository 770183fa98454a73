/*
 * Closed-loop load for any WebSocket echo server: masked binary messages of varying content, every returned byte checked.
 * `load --help` lists the options. One thread over epoll; each active connection always has --in-flight messages outstanding.
 *
 *   open connections -> warm-up -> measured interval -> drain: every message sent must have come back -> report
 *
 * The server's CPU time is read from its process's CPU clock (clock_getcpuclockid(3): nanoseconds, all threads, ended ones too);
 * how it divides into user and system is taken from /proc/PID/stat (clock ticks), the only place that tells them apart.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

enum { RECEIVE_BYTES = 256 * 1024, EVENTS = 1024, STALL_SECONDS = 5, DRAIN_SECONDS = 10, OPENING_SECONDS = 60 };

/* Message number s of connection c is pattern[start(c, s)...]; 65,521 is prime, so that neighbours in time and place differ. */
enum { STARTS = 65521 };

struct options {
  uint16_t port;
  const char *path;
  size_t connections, active, payload, in_flight;
  unsigned seconds, warmup;
  pid_t server;
  bool json;
};

struct connection {
  int fd;
  bool waits_for_room; /* EPOLLOUT is on */
  uint64_t sent, received;
  size_t checked; /* bytes of the message that is coming in */
  uint64_t *sent_at_nanos; /* of message s at [s % in_flight] */
  uint8_t *unsent; /* output that the socket did not take; room for all that can be in flight */
  size_t unsent_start, unsent_end;
  struct reader reader;
};

static struct options options = {.path = "/echo", .connections = 1, .payload = 64, .in_flight = 1, .seconds = 3, .warmup = 1};
static struct connection *connections;
static uint8_t *pattern, *output;
static uint8_t input[RECEIVE_BYTES];
static size_t output_bytes;
static int epoll;
static uint64_t messages, in_flight_now;
static bool draining, measuring;
static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint64_t nanos(clockid_t clock) {
  struct timespec t;
  if (clock_gettime(clock, &t) < 0) die("the server's CPU clock: %s", strerror(errno));
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- latency: buckets of 1/32 of a power of two, hence within about 3 % ---- */

enum { SUB_BITS = 5, SUBS = 1 << SUB_BITS, BUCKETS = 64 * SUBS };
static uint64_t histogram[BUCKETS];

static void record(uint64_t latency) {
  const int exponent = latency < SUBS ? 0 : 63 - __builtin_clzll(latency) - SUB_BITS;
  histogram[(size_t)exponent * SUBS + (size_t)(latency >> exponent)]++;
}

static double percentile_micros(double share) {
  uint64_t total = 0, seen = 0;
  for (size_t i = 0; i < BUCKETS; i++) total += histogram[i];
  for (size_t i = 0; i < BUCKETS; i++) {
    seen += histogram[i];
    if (total == 0 || (double)seen < share * (double)total) continue;
    const size_t exponent = i < 2 * SUBS ? 0 : i / SUBS - 1;
    return ((double)(i - exponent * SUBS) + 0.5) * (double)(1ull << exponent) / 1000;
  }
  return 0;
}

/* ---- CPU ---- */

struct usage {
  uint64_t wall, server, load;
  double user, system; /* the server's, seconds, to the clock tick */
};

static struct usage usage_now(void) {
  struct usage u = {.wall = nanos(CLOCK_MONOTONIC), .load = nanos(CLOCK_PROCESS_CPUTIME_ID)};
  if (options.server == 0) return u;
  clockid_t clock;
  char path[64], text[1024];
  if (clock_getcpuclockid(options.server, &clock) != 0) die("--server-pid %d: no such process", options.server);
  u.server = nanos(clock);
  snprintf(path, sizeof path, "/proc/%d/stat", options.server);
  FILE *file = fopen(path, "r");
  if (file == NULL) die("%s: %s", path, strerror(errno));
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  /* proc_pid_stat(5): utime and stime are fields 14 and 15; field 2 may itself hold spaces and parentheses. */
  const char *field = strrchr(text, ')');
  unsigned long user, system;
  if (field == NULL || sscanf(field, ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &user, &system) != 2) {
    die("%s is not as expected", path);
  }
  u.user = (double)user / (double)sysconf(_SC_CLK_TCK);
  u.system = (double)system / (double)sysconf(_SC_CLK_TCK);
  return u;
}

/* ---- sending ---- */

static const uint8_t *content(const struct connection *c, uint64_t message) {
  return pattern + ((uint64_t)(c - connections) * 7919 + message * 4099) % STARTS;
}

static void wait_for_room(struct connection *c, bool wanted) {
  if (c->waits_for_room == wanted) return;
  c->waits_for_room = wanted;
  struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.ptr = c};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event) < 0) die("epoll_ctl: %s", strerror(errno));
}

static size_t transmit(const struct connection *c, const uint8_t *bytes, size_t n) {
  const ssize_t sent = send(c->fd, bytes, n, MSG_NOSIGNAL);
  if (sent >= 0) return (size_t)sent;
  if (errno == EAGAIN || errno == EINTR) return 0;
  die("connection %td: send: %s", c - connections, strerror(errno));
}

static void send_unsent(struct connection *c) {
  c->unsent_start += transmit(c, c->unsent + c->unsent_start, c->unsent_end - c->unsent_start);
  if (c->unsent_start < c->unsent_end) return;
  c->unsent_start = c->unsent_end = 0;
  wait_for_room(c, false);
}

/* Sends the output buffer up to `end`, after what is still unsent. */
static void send_output(struct connection *c, const uint8_t *end) {
  const size_t n = (size_t)(end - output);
  const size_t sent = n > 0 && c->unsent_end == 0 ? transmit(c, output, n) : 0;
  if (sent == n) return;
  if (c->unsent == NULL) c->unsent = allocate(1, output_bytes);
  if (c->unsent_end + (n - sent) > output_bytes) {
    memmove(c->unsent, c->unsent + c->unsent_start, c->unsent_end - c->unsent_start);
    c->unsent_end -= c->unsent_start;
    c->unsent_start = 0;
  }
  if (c->unsent_end + (n - sent) > output_bytes) die("connection %td: more unsent than can be in flight", c - connections);
  memcpy(c->unsent + c->unsent_end, output + sent, n - sent);
  c->unsent_end += n - sent;
  wait_for_room(c, true);
}

/* Appends messages until --in-flight are outstanding. */
static uint8_t *refill(struct connection *c, uint8_t *out, uint64_t now) {
  for (; c->sent - c->received < options.in_flight && !draining; c->sent++, in_flight_now++) {
    out = put_masked_frame(out, BINARY, content(c, c->sent), options.payload, (uint32_t)(next_random(&random_state) >> 32));
    c->sent_at_nanos[c->sent % options.in_flight] = now;
  }
  return out;
}

/* ---- receiving ---- */

static void check(struct connection *c, const struct piece *piece, uint64_t now) {
  const ptrdiff_t id = c - connections;
  if (piece->opcode != BINARY) die("connection %td: a text message, binary was sent", id);
  if (c->received == c->sent) die("connection %td: a message that was not asked for", id);
  if (c->checked + piece->length > options.payload || (piece->ends_message && c->checked + piece->length != options.payload)) {
    die("connection %td, message %" PRIu64 ": its length is not %zu", id, c->received, options.payload);
  }
  if (memcmp(piece->bytes, content(c, c->received) + c->checked, piece->length) != 0) {
    die("connection %td, message %" PRIu64 ": a byte from %zu to %zu differs", id, c->received, c->checked, c->checked + piece->length - 1);
  }
  c->checked += piece->length;
  if (!piece->ends_message) return;
  if (measuring) record(now - c->sent_at_nanos[c->received % options.in_flight]);
  c->checked = 0;
  c->received++;
  messages++;
  in_flight_now--;
}

static void on_readable(struct connection *c) {
  const ssize_t n = recv(c->fd, input, sizeof input, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) die("connection %td: recv: %s", c - connections, strerror(errno));
  if (n == 0) die("connection %td: closed by the server", c - connections);
  const uint64_t now = nanos(CLOCK_MONOTONIC);
  const uint8_t *in = input;
  uint8_t *out = output;
  for (struct piece piece; read_piece(&c->reader, &in, input + n, &piece);) {
    if (piece.opcode == CLOSE) die("connection %td: the server sent Close", c - connections);
    if (piece.opcode < CLOSE) check(c, &piece, now);
    if (piece.opcode == PING) {
      send_output(c, put_masked_frame(output, PONG, piece.bytes, piece.length, (uint32_t)(next_random(&random_state) >> 32)));
    }
  }
  if (c < connections + options.active) out = refill(c, out, now);
  send_output(c, out);
}

/* ---- the run ---- */

/* One wait and what it brings; returns the time after it. */
static uint64_t turn(void) {
  static struct epoll_event events[EVENTS];
  const int n = epoll_wait(epoll, events, EVENTS, STALL_SECONDS * 1000);
  if (n < 0 && errno != EINTR) die("epoll_wait: %s", strerror(errno));
  if (n == 0) die("nothing came back for %d s with %" PRIu64 " messages in flight", STALL_SECONDS, in_flight_now);
  for (int i = 0; i < n; i++) {
    struct connection *c = events[i].data.ptr;
    if (events[i].events & EPOLLOUT) send_unsent(c);
    if (events[i].events & ~(uint32_t)EPOLLOUT) on_readable(c);
  }
  return nanos(CLOCK_MONOTONIC);
}

static void run_for(unsigned seconds) {
  const uint64_t end = nanos(CLOCK_MONOTONIC) + (uint64_t)seconds * 1000000000;
  while (turn() < end) continue;
}

static void prepare(void) {
  need_descriptors(options.connections + 16);
  output_bytes = options.in_flight * masked_frame_bytes(options.payload) + masked_frame_bytes(MAX_CONTROL_PAYLOAD);
  output = allocate(1, output_bytes);
  pattern = allocate(1, STARTS + options.payload);
  for (size_t i = 0; i < STARTS + options.payload; i++) pattern[i] = (uint8_t)(next_random(&random_state) >> 56);
  connections = allocate(options.connections, sizeof *connections);
  int *descriptors = allocate(options.connections, sizeof *descriptors);
  open_connections(descriptors, options.connections, options.port, options.path, NULL);
  epoll = epoll_create1(0);
  if (epoll < 0) die("epoll_create1: %s", strerror(errno));
  /* The active ones come first in the table and are spread over the order of opening, so that the server's are not neighbours. */
  const size_t step = options.connections / options.active;
  size_t active = 0, idle = options.active;
  for (size_t i = 0; i < options.connections; i++) {
    struct connection *c = &connections[i % step == 0 && active < options.active ? active++ : idle++];
    c->fd = descriptors[i];
    c->sent_at_nanos = allocate(options.in_flight, sizeof *c->sent_at_nanos);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) die("epoll_ctl: %s", strerror(errno));
  }
  free(descriptors);
}

static void report(const struct usage *before, const struct usage *after, uint64_t count) {
  const double seconds = (double)(after->wall - before->wall) / 1e9, n = (double)count;
  const double server = (double)(after->server - before->server) / 1e3, load = (double)(after->load - before->load) / 1e3;
  const double user = after->user - before->user, ticks = user + (after->system - before->system);
  const double user_share = ticks > 0 ? user / ticks : 0, p50 = percentile_micros(0.50), p99 = percentile_micros(0.99);
  if (options.server != 0 && server < 0.01 * seconds * 1e6) die("process %d used no CPU to speak of: is it the server itself?", options.server);
  if (options.json) {
    printf("{\"connections\":%zu,\"active\":%zu,\"payload\":%zu,\"inFlight\":%zu,\"seconds\":%.3f,\"messages\":%" PRIu64
           ",\"messagesPerSecond\":%.0f,\"p50Micros\":%.1f,\"p99Micros\":%.1f,\"loadCpuMicrosPerMessage\":%.4f,\"loadCpuShare\":%.3f",
           options.connections, options.active, options.payload, options.in_flight, seconds, count, n / seconds, p50, p99, load / n,
           load / 1e6 / seconds);
    if (options.server != 0) {
      printf(",\"serverCpuMicrosPerMessage\":%.4f,\"serverUserShare\":%.3f,\"serverCpuShare\":%.3f", server / n, user_share,
             server / 1e6 / seconds);
    }
    printf("}\n");
    return;
  }
  printf("%zu connections, %zu active, %zu bytes, %zu in flight each, every byte checked\n", options.connections, options.active,
         options.payload, options.in_flight);
  printf("messages    %" PRIu64 " in %.3f s: %.0f/s\n", count, seconds, n / seconds);
  printf("latency     p50 %.1f us, p99 %.1f us\n", p50, p99);
  printf("load CPU    %.4f us per message, %.0f %% of a CPU\n", load / n, load / 1e4 / seconds);
  if (options.server != 0) {
    printf("server CPU  %.4f us per message, %.0f %% of a CPU, %.0f %% of it user (process CPU clock; division by ticks)\n", server / n,
           server / 1e4 / seconds, user_share * 100);
  }
}

static void usage(FILE *file) {
  fprintf(file,
          "usage: load --port P [options]\n"
          "  --path PATH        of the echo, default /echo\n"
          "  --connections N    default 1\n"
          "  --active A         connections that send, default all; the others are held idle\n"
          "  --payload BYTES    of each message, default 64\n"
          "  --in-flight K      messages outstanding on each active connection, default 1\n"
          "  --seconds S        measured, default 3\n"
          "  --warmup S         before that, default 1\n"
          "  --server-pid PID   report that process's CPU time per message\n"
          "  --json             one line of JSON\n");
}

static void parse_options(int argc, char **argv) {
  static const struct option known[] = {
      {"port", 1, NULL, 'p'},    {"path", 1, NULL, 'u'},    {"connections", 1, NULL, 'c'}, {"active", 1, NULL, 'a'},
      {"payload", 1, NULL, 'b'}, {"in-flight", 1, NULL, 'k'}, {"seconds", 1, NULL, 's'},   {"warmup", 1, NULL, 'w'},
      {"server-pid", 1, NULL, 'P'}, {"json", 0, NULL, 'j'}, {"help", 0, NULL, 'h'},        {NULL, 0, NULL, 0}};
  for (int option, index; (option = getopt_long(argc, argv, "", known, &index)) != -1;) {
    const char *name = option == '?' ? "" : known[index].name;
    switch (option) {
      case 'p': options.port = (uint16_t)number(name, optarg, 1, 65535); break;
      case 'u': options.path = optarg; break;
      case 'c': options.connections = number(name, optarg, 1, 1000000); break;
      case 'a': options.active = number(name, optarg, 1, 1000000); break;
      case 'b': options.payload = number(name, optarg, 0, 16 << 20); break;
      case 'k': options.in_flight = number(name, optarg, 1, 10000); break;
      case 's': options.seconds = (unsigned)number(name, optarg, 1, 3600); break;
      case 'w': options.warmup = (unsigned)number(name, optarg, 0, 3600); break;
      case 'P': options.server = (pid_t)number(name, optarg, 1, 1 << 22); break;
      case 'j': options.json = true; break;
      case 'h': usage(stdout); exit(0);
      default: usage(stderr); exit(2);
    }
  }
  if (optind < argc) die("%s: no such option", argv[optind]);
  if (options.port == 0) die("--port is needed");
  if (options.active == 0) options.active = options.connections;
  if (options.active > options.connections) die("--active is above --connections");
  if (options.in_flight * masked_frame_bytes(options.payload) > 256 << 20) die("--in-flight x --payload is above 256 MiB");
}

int main(int argc, char **argv) {
  parse_options(argc, argv);
  end_after(OPENING_SECONDS + options.warmup + options.seconds + DRAIN_SECONDS + STALL_SECONDS);
  prepare();
  for (size_t i = 0; i < options.active; i++) send_output(&connections[i], refill(&connections[i], output, nanos(CLOCK_MONOTONIC)));
  if (options.warmup > 0) run_for(options.warmup);

  const struct usage before = usage_now();
  const uint64_t messages_before = messages;
  measuring = true;
  run_for(options.seconds);
  const struct usage after = usage_now();
  const uint64_t count = messages - messages_before;
  measuring = false;

  draining = true;
  const uint64_t deadline = nanos(CLOCK_MONOTONIC) + (uint64_t)DRAIN_SECONDS * 1000000000;
  while (in_flight_now > 0) {
    if (turn() > deadline) die("%" PRIu64 " messages had not come back %d s after the end", in_flight_now, DRAIN_SECONDS);
  }
  if (count == 0) die("no message came back in the measured interval");
  report(&before, &after, count);
  return 0;
}
