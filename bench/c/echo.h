/*
 * The server's side of WebSocket for the echo servers of this folder: what they do with the bytes, whatever brings them. A program
 * includes it once.
 *
 * An echo needs no whole message: the reply's header is known as soon as the request's header is, so payload passes through as it
 * arrives, and a frame of any size costs no memory.
 *
 *                  +--------------------- payload complete --------------------+
 *                  v                                                           |
 *   HANDSHAKE -> HEADER -- text, binary, continuation, ping ------------> PAYLOAD
 *                  |------ pong ----------------------------------------> SKIPPED (then HEADER)
 *                  +------ close ---> LAST_PAYLOAD -- payload complete --> ENDING: what is held goes out, then close(2)
 */
#ifndef BENCH_ECHO_H
#define BENCH_ECHO_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "publish.h"

enum { MAX_HEADER = 14, MAX_REQUEST_BYTES = 8 * 1024, MAX_RESPONSE_BYTES = 256 };

enum state { HANDSHAKE, HEADER, PAYLOAD, SKIPPED, LAST_PAYLOAD, ENDING };

/* Bytes kept between two events: a request that is not complete yet, or output that the socket did not take. */
struct held {
  struct held *next; /* what was to be sent after it */
  size_t start, end;
  uint8_t bytes[];
};

struct connection {
  uint64_t remaining;         /* payload still to come */
  struct held *held;          /* NULL nearly always */
  uint8_t header[MAX_HEADER]; /* a header that was split; during a payload the masking key, in the first four bytes */
  uint8_t header_length;
  uint8_t state;
};
_Static_assert(sizeof(struct connection) == 32, "half a cache line for each connection");

static struct connection *connections; /* indexed by descriptor, or what stands for it */
static int *subscribers;               /* the keys of /fanout */
static int subscriber_count;

static void fail(const char *what) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
  exit(1);
}

/* ---- SHA-1 (RFC 3174) and base64 (RFC 4648), only as much as the handshake needs ---- */

static uint32_t rotate_left(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void sha1_block(uint32_t h[5], const uint8_t *block) {
  uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
  for (int t = 0; t < 16; t++, block += 4) {
    w[t] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
  }
  for (int t = 16; t < 80; t++) w[t] = rotate_left(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  for (int t = 0; t < 80; t++) {
    const uint32_t f = t < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                       : t < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                       : t < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                                : (b ^ c ^ d) + 0xca62c1d6;
    const uint32_t next = rotate_left(a, 5) + f + e + w[t];
    e = d, d = c, c = rotate_left(b, 30), b = a, a = next;
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* The 28 characters of Sec-WebSocket-Accept for a key of 24 (RFC 6455 §4.2.2): key and GUID are 60 bytes, two blocks when padded. */
static void accept_value(const uint8_t key[24], char accept[29]) {
  uint8_t padded[128] = {0}, digest[21] = {0};
  memcpy(padded, key, 24);
  memcpy(padded + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  padded[60] = 0x80;
  padded[126] = 480 >> 8, padded[127] = 480 & 0xff; /* the length in bits */
  uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  sha1_block(h, padded);
  sha1_block(h, padded + 64);
  for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));

  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < 7; i++) {
    const uint32_t group = (uint32_t)digest[3 * i] << 16 | (uint32_t)digest[3 * i + 1] << 8 | digest[3 * i + 2];
    for (int j = 0; j < 4; j++) accept[4 * i + j] = alphabet[group >> (18 - 6 * j) & 63];
  }
  accept[27] = '='; /* 20 bytes: the last group holds two */
  accept[28] = '\0';
}

/* ---- connections ---- */

static struct held *held_copy(const uint8_t *bytes, size_t n, size_t capacity) {
  struct held *held = malloc(sizeof *held + capacity);
  if (held == NULL) fail("malloc");
  *held = (struct held){.end = n};
  memcpy(held->bytes, bytes, n);
  return held;
}

/* Behind what is held already, or in front of it: it was to be sent before. */
static void hold(struct connection *c, const uint8_t *bytes, size_t n, bool in_front) {
  struct held **place = &c->held, *held = held_copy(bytes, n, n);
  while (!in_front && *place != NULL) place = &(*place)->next;
  held->next = *place;
  *place = held;
}

static void release(struct connection *c) {
  while (c->held != NULL) {
    struct held *next = c->held->next;
    free(c->held);
    c->held = next;
  }
}

static bool has_output_held(const struct connection *c) { return c->held != NULL && c->state != HANDSHAKE; }

static bool is_subscriber(int key) {
  for (int i = 0; i < subscriber_count; i++) {
    if (subscribers[i] == key) return true;
  }
  return false;
}

static void unsubscribe(int key) {
  for (int i = 0; i < subscriber_count; i++) {
    if (subscribers[i] == key) subscribers[i--] = subscribers[--subscriber_count];
  }
}

/*
 * ---- bytes in, bytes out ----
 *
 * The output may lie in front of the input, in the same memory: a reply's header is never longer than the request's, and MAX_HEADER
 * bytes of distance pay for a header whose first bytes came before; the response to an upgrade needs MAX_RESPONSE_BYTES more.
 */

/* Appends the reply's header for the frame whose header is complete at h; returns the output's new end. */
static uint8_t *begin_frame(struct connection *c, const uint8_t *h, uint8_t *out) {
  const uint8_t opcode = h[0] & OPCODE_BITS;
  const uint64_t length = payload_length(h);
  const bool control = opcode >= CLOSE;
  const bool known = opcode <= BINARY || (control && opcode <= PONG);
  if (!known || !(h[1] & MASKED) || (h[0] & RESERVED_BITS) || (control && (length > 125 || !(h[0] & FIN)))) {
    c->state = ENDING;
    return out;
  }
  c->remaining = length;
  c->state = opcode == CLOSE ? LAST_PAYLOAD : opcode == PONG ? SKIPPED : PAYLOAD;
  const uint8_t first = opcode == PING ? FIN | PONG : h[0];
  const uint8_t *key = h + 2 + length_bytes(h[1]);
  memmove(c->header, key, 4); /* h may be c->header itself */
  return opcode == PONG ? out : out + put_header(out, first, length, 0);
}

/* True once a whole header has been taken from *in; *header then points to it. A header that is split is kept in c. */
static bool take_header(struct connection *c, const uint8_t **in, const uint8_t *end, const uint8_t **header) {
  const size_t available = (size_t)(end - *in);
  if (c->header_length == 0 && available >= 2 && available >= 6 + length_bytes((*in)[1])) {
    *header = *in;
    *in += 6 + length_bytes((*in)[1]);
    return true;
  }
  for (; *in < end; (*in)++) {
    c->header[c->header_length++] = **in;
    if (c->header_length >= 2 && c->header_length == 6 + length_bytes(c->header[1])) {
      (*in)++;
      c->header_length = 0;
      *header = c->header;
      return true;
    }
  }
  return false;
}

static uint8_t *take_payload(struct connection *c, const uint8_t **in, const uint8_t *end, uint8_t *out) {
  const size_t available = (size_t)(end - *in);
  const size_t n = c->remaining < available ? (size_t)c->remaining : available;
  if (c->state != SKIPPED) {
    uint32_t key;
    memcpy(&key, c->header, 4);
    xor_mask(out, *in, n, key);
    key = rotated_key(key, n);
    memcpy(c->header, &key, 4);
    out += n;
  }
  *in += n;
  c->remaining -= n;
  if (c->remaining == 0) c->state = c->state == LAST_PAYLOAD ? ENDING : HEADER;
  return out;
}

static uint8_t *echo(struct connection *c, const uint8_t *in, const uint8_t *end, uint8_t *out) {
  while (in < end && c->state != ENDING) {
    const uint8_t *header;
    if (c->state == HEADER) {
      if (!take_header(c, &in, end, &header)) break;
      out = begin_frame(c, header, out);
    }
    if (c->state != ENDING) out = take_payload(c, &in, end, out);
  }
  return out;
}

static size_t upgrade_response(const char *request, uint8_t *out) {
  static const char name[] = "\r\nsec-websocket-key:";
  const char *key = strcasestr(request, name);
  if (key != NULL) key += strlen(name) + strspn(key + strlen(name), " \t");
  if (strncmp(request, "GET ", 4) != 0 || key == NULL || strcspn(key, " \t\r") != 24) return 0;
  char accept[29];
  accept_value((const uint8_t *)key, accept);
  return (size_t)sprintf((char *)out,
                         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Accept: %s\r\n\r\n",
                         accept);
}

/* Collects the request; once complete, answers it and echoes what came after it. Returns the output's new end. */
static uint8_t *handshake(int key, const uint8_t *in, const uint8_t *end, uint8_t *out) {
  struct connection *c = &connections[key];
  if (c->held == NULL) c->held = held_copy(in, 0, MAX_REQUEST_BYTES + 1);
  struct held *request = c->held;
  const size_t before = request->end, room = MAX_REQUEST_BYTES - before, available = (size_t)(end - in);
  const size_t n = available < room ? available : room;
  memcpy(request->bytes + before, in, n);
  request->end += n;
  request->bytes[request->end] = '\0';

  const char *blank_line = strstr((char *)request->bytes, "\r\n\r\n");
  if (blank_line == NULL) {
    if (request->end == MAX_REQUEST_BYTES) c->state = ENDING;
    return out;
  }
  const size_t request_bytes = (size_t)(blank_line - (char *)request->bytes) + 4;
  const size_t response_bytes = upgrade_response((char *)request->bytes, out);
  if (response_bytes > 0 && strncmp((char *)request->bytes, "GET /fanout ", 12) == 0) subscribers[subscriber_count++] = key;
  if (response_bytes > 0) open_room_or_publisher(key, (char *)request->bytes);
  release(c);
  if (response_bytes == 0) {
    c->state = ENDING;
    return out + sprintf((char *)out, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }
  c->state = HEADER;
  return echo(c, in + (request_bytes - before), end, out + response_bytes);
}

/* ---- starting ---- */

static void on_signal(int signal) {
  (void)signal;
  _exit(0);
}

static int listen_on(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  if (bind(fd, (struct sockaddr *)&address, length) < 0) fail("bind");
  if (listen(fd, 4096) < 0) fail("listen");
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) fail("getsockname");
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static long number(const char *text, long max) {
  char *end;
  const long value = strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < 0 || value > max) {
    fprintf(stderr, "%s: %s is not a number from 0 to %ld\n", program_invocation_short_name, text, max);
    exit(2);
  }
  return value;
}

/* Reads the arguments and takes what the server needs for as many connections as there may be; returns the port. */
static uint16_t prepare(int argc, char **argv, struct rlimit *descriptors) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: %s PORT [SECONDS]\n", program_invocation_short_name);
    exit(2);
  }
  const uint16_t port = (uint16_t)number(argv[1], 65535);
  const unsigned seconds = argc == 3 ? (unsigned)number(argv[2], 86400) : 0;
  signal(SIGTERM, on_signal);
  signal(SIGINT, on_signal);
  signal(SIGALRM, on_signal);
  alarm(seconds);

  if (getrlimit(RLIMIT_NOFILE, descriptors) < 0) fail("getrlimit");
  descriptors->rlim_cur = descriptors->rlim_max;
  if (setrlimit(RLIMIT_NOFILE, descriptors) < 0) fail("setrlimit");
  connections = calloc(descriptors->rlim_max, sizeof *connections);
  subscribers = calloc(descriptors->rlim_max, sizeof *subscribers);
  if (connections == NULL || subscribers == NULL) fail("calloc");
  prepare_rooms(descriptors->rlim_max);
  return port;
}

#endif
