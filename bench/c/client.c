#define _GNU_SOURCE
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WINDOW = 64, PER_SOURCE = 10000, RESPONSE_BYTES = 4096, OPENING_TIMEOUT_MILLIS = 10000 };

void die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s: ", program_invocation_short_name);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

void *allocate(size_t count, size_t bytes) {
  void *memory = calloc(count, bytes);
  if (memory == NULL) die("no memory for %zu x %zu bytes", count, bytes);
  return memory;
}

uint64_t number(const char *option, const char *value, uint64_t min, uint64_t max) {
  char *end;
  errno = 0;
  const unsigned long long n = strtoull(value, &end, 10);
  if (errno != 0 || *value < '0' || *value > '9' || *end != '\0' || n < min || n > max) {
    die("--%s %s: not a whole number from %" PRIu64 " to %" PRIu64, option, value, min, max);
  }
  return n;
}

static void on_alarm(int signal) {
  (void)signal;
  static const char text[] = "time is up: the hard limit of this run was reached\n";
  if (write(STDERR_FILENO, text, strlen(text)) < 0) _exit(4);
  _exit(3);
}

void end_after(unsigned seconds) {
  signal(SIGALRM, on_alarm);
  alarm(seconds);
}

void need_descriptors(uint64_t needed) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) die("getrlimit: %s", strerror(errno));
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) die("setrlimit: %s", strerror(errno));
  if (limit.rlim_cur < needed) {
    die("%" PRIu64 " descriptors needed, the limit is %" PRIu64, needed, (uint64_t)limit.rlim_cur);
  }
}

/* ---- opening ---- */

/* The key of RFC 6455 §1.3 and the answer that it must get: no SHA-1 needed on this side. */
static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char accept_value[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/* One connection on its way: connecting until the request is sent, then waiting for the response. */
struct opening {
  int fd;
  size_t index;
  bool requested;
  size_t length;
  char response[RESPONSE_BYTES + 1];
};

uint32_t first_source;

static void start_opening(int epoll, struct opening *o, uint32_t slot, size_t index, uint16_t port) {
  o->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (o->fd < 0) die("socket: %s", strerror(errno));
  o->index = index;
  o->requested = false;
  o->length = 0;
  setsockopt(o->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  /* Without it bind(2) takes a port at once, and takes it from every destination. */
  setsockopt(o->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
  const struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + first_source + (uint32_t)(index / PER_SOURCE))};
  if (bind(o->fd, (const struct sockaddr *)&source, sizeof source) < 0) die("bind %s: %s", inet_ntoa(source.sin_addr), strerror(errno));
  const struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(o->fd, (const struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) {
    die("connect 127.0.0.1:%d (connection %zu): %s", port, index, strerror(errno));
  }
  struct epoll_event event = {.events = EPOLLOUT, .data.u32 = slot};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, o->fd, &event) < 0) die("epoll_ctl: %s", strerror(errno));
}

static void send_request(int epoll, struct opening *o, uint32_t slot, uint16_t port, const char *path) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(o->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) die("connect 127.0.0.1:%d (connection %zu): %s", port, o->index, strerror(error));
  char request[1024];
  const int n = snprintf(request, sizeof request,
                         "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
                         path, port, key);
  if (n < 0 || (size_t)n >= sizeof request) die("--path is too long");
  if (send(o->fd, request, (size_t)n, MSG_NOSIGNAL) != n) die("the upgrade request of connection %zu was not taken whole", o->index);
  o->requested = true;
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = slot};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, o->fd, &event) < 0) die("epoll_ctl: %s", strerror(errno));
}

static void check_response(const struct opening *o) {
  static const char name[] = "\r\nsec-websocket-accept:";
  if (strncmp(o->response, "HTTP/1.1 101 ", 13) != 0) {
    die("connection %zu was refused: %.*s", o->index, (int)strcspn(o->response, "\r\n"), o->response);
  }
  const char *accept = strcasestr(o->response, name);
  if (accept != NULL) accept += strlen(name) + strspn(accept + strlen(name), " \t");
  if (accept == NULL || strncmp(accept, accept_value, strlen(accept_value)) != 0) {
    die("connection %zu: no or wrong Sec-WebSocket-Accept", o->index);
  }
}

/* True once the connection is upgraded. Frames that follow the response at once stay in the socket, hence the look ahead. */
static bool receive_response(struct opening *o) {
  char *fresh = o->response + o->length;
  const ssize_t n = recv(o->fd, fresh, RESPONSE_BYTES - o->length, MSG_PEEK);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n < 0) die("connection %zu, upgrading: %s", o->index, strerror(errno));
  if (n == 0) die("connection %zu: closed by the server before a whole response came", o->index);
  fresh[n] = '\0';
  const char *blank_line = strstr(o->response, "\r\n\r\n");
  const size_t taken = blank_line == NULL ? (size_t)n : (size_t)(blank_line + 4 - fresh);
  if (recv(o->fd, fresh, taken, 0) != (ssize_t)taken) die("connection %zu: bytes that were there are gone", o->index);
  o->length += taken;
  o->response[o->length] = '\0';
  if (blank_line == NULL) {
    if (o->length == RESPONSE_BYTES) die("connection %zu: response headers above %d bytes", o->index, RESPONSE_BYTES);
    return false;
  }
  check_response(o);
  return true;
}

void open_connections(int *descriptors, size_t count, uint16_t port, const char *path, FILE *progress) {
  const int epoll = epoll_create1(0);
  if (epoll < 0) die("epoll_create1: %s", strerror(errno));
  struct opening *openings = allocate(WINDOW, sizeof *openings);
  size_t started = 0, opened = 0;
  for (uint32_t slot = 0; slot < WINDOW && started < count; slot++) start_opening(epoll, &openings[slot], slot, started++, port);
  while (opened < count) {
    struct epoll_event events[WINDOW];
    const int n = epoll_wait(epoll, events, WINDOW, OPENING_TIMEOUT_MILLIS);
    if (n < 0 && errno != EINTR) die("epoll_wait: %s", strerror(errno));
    if (n == 0) die("no progress for %d s with %zu of %zu connections open", OPENING_TIMEOUT_MILLIS / 1000, opened, count);
    for (int i = 0; i < n; i++) {
      const uint32_t slot = events[i].data.u32;
      struct opening *o = &openings[slot];
      if (!o->requested) {
        send_request(epoll, o, slot, port, path);
      } else if (receive_response(o)) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, o->fd, NULL);
        descriptors[o->index] = o->fd;
        opened++;
        if (progress != NULL && (opened % 1000 == 0 || opened == count)) {
          fprintf(progress, "%zu connections open\n", opened);
          fflush(progress);
        }
        if (started < count) start_opening(epoll, o, slot, started++, port);
      }
    }
  }
  free(openings);
  close(epoll);
}

/* ---- reading frames ---- */

static void begin_payload(struct reader *r) {
  const uint8_t opcode = r->header[0] & OPCODE_BITS;
  const bool fin = r->header[0] & FIN;
  if (r->header[0] & RESERVED_BITS) die("a frame with a reserved bit set");
  if (r->header[1] & MASKED) die("a masked frame from the server");
  r->remaining = payload_length(r->header);
  r->in_payload = true;
  if (opcode >= CLOSE) {
    if (opcode > PONG || !fin || r->remaining > MAX_CONTROL_PAYLOAD) die("a control frame that is not allowed: first byte 0x%02x", r->header[0]);
    r->control_length = 0;
    return;
  }
  if (opcode > BINARY || (opcode == CONTINUATION) != (r->message_opcode != 0)) die("a data frame out of order: first byte 0x%02x", r->header[0]);
  if (opcode != CONTINUATION) r->message_opcode = opcode;
}

/* True once the header is complete. */
static bool read_header(struct reader *r, const uint8_t **in, const uint8_t *end) {
  while (*in < end) {
    r->header[r->header_length++] = *(*in)++;
    if (r->header_length >= 2 && r->header_length == 2 + length_bytes(r->header[1])) {
      r->header_length = 0;
      begin_payload(r);
      return true;
    }
  }
  return false;
}

bool read_piece(struct reader *r, const uint8_t **in, const uint8_t *end, struct piece *piece) {
  if (!r->in_payload && !read_header(r, in, end)) return false;
  const size_t available = (size_t)(end - *in);
  const size_t n = r->remaining < available ? (size_t)r->remaining : available;
  const uint8_t opcode = r->header[0] & OPCODE_BITS;
  *piece = (struct piece){.opcode = opcode, .bytes = *in, .length = n};
  *in += n;
  r->remaining -= n;
  r->in_payload = r->remaining > 0;
  if (opcode >= CLOSE) {
    memcpy(r->control + r->control_length, piece->bytes, n);
    r->control_length += (uint8_t)n;
    piece->bytes = r->control;
    piece->length = r->control_length;
    piece->ends_message = true;
    return !r->in_payload;
  }
  piece->opcode = r->message_opcode;
  piece->ends_message = !r->in_payload && (r->header[0] & FIN);
  if (piece->ends_message) r->message_opcode = 0;
  return n > 0 || piece->ends_message;
}
