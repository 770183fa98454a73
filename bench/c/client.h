/*
 * The client's side of WebSocket for the load programs of this folder: opening many connections, and reading what a server sends.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "frame.h"

/* Ends the process with status 1 and "program: message". */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* calloc(3) or die. */
void *allocate(size_t count, size_t bytes);

/* The value of an option: a whole number from min to max, or die. */
uint64_t number(const char *option, const char *value, uint64_t min, uint64_t max);

/* Ends the process with status 3 and one sentence, whatever it is doing then. The bound for everything here. */
void end_after(unsigned seconds);

/* Raises the limit of descriptors to the hard one; dies if that is below `needed`. */
void need_descriptors(uint64_t needed);

/* Connections come from 127.0.0.1 + this on: processes that run at the same time need ports of different addresses. */
extern uint32_t first_source;

/*
 * Opens `count` WebSocket connections to 127.0.0.1:port, a few dozen at a time; descriptors[i] are non-blocking, TCP_NODELAY.
 * Source addresses are 127.0.0.1, 127.0.0.2, ...: 20,000 connections from each, since an address has about 28,000 ports.
 * Prints a line to `progress` (may be NULL) every 1,000. Dies at a refusal, and when nothing happens for ten seconds.
 */
void open_connections(int *descriptors, size_t count, uint16_t port, const char *path, FILE *progress);

/* ---- reading frames ---- */

enum { MAX_CONTROL_PAYLOAD = 125 };

/* What has been read of the current frame of a connection. All zero at first. */
struct reader {
  uint64_t remaining;
  uint8_t header[10];
  uint8_t header_length;
  uint8_t message_opcode; /* of the fragmented message under way, 0 if none */
  bool in_payload;
  uint8_t control_length;
  uint8_t control[MAX_CONTROL_PAYLOAD];
};

/* A run of payload bytes of one message; or a whole control frame. */
struct piece {
  uint8_t opcode; /* TEXT or BINARY also for continuation frames */
  bool ends_message;
  const uint8_t *bytes;
  size_t length;
};

/* True if [*in, end) held another piece, which begins at the old *in or later; *in moves on. Dies at a breach of RFC 6455. */
bool read_piece(struct reader *r, const uint8_t **in, const uint8_t *end, struct piece *piece);

/* Bytes of a masked frame with this payload. */
static inline size_t masked_frame_bytes(uint64_t payload) {
  return 2u + (payload < 126 ? 0u : payload <= 0xffff ? 2u : 8u) + 4u + payload;
}

/* Writes a whole masked frame; returns its end. */
static inline uint8_t *put_masked_frame(uint8_t *out, uint8_t opcode, const uint8_t *payload, size_t length, uint32_t key) {
  out += put_header(out, FIN | opcode, length, MASKED);
  memcpy(out, &key, 4);
  xor_mask(out + 4, payload, length, key);
  return out + 4 + length;
}

/* xorshift64*: masking keys and payloads need variety, not secrecy. *state is never 0. */
static inline uint64_t next_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * 0x2545f4914f6cdd1d;
}

#endif
