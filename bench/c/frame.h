/*
 * What the server and the clients of this folder share: the mask and the length of a frame (RFC 6455 §5.2, §5.3).
 */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum opcode { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };
enum { FIN = 0x80, RESERVED_BITS = 0x70, OPCODE_BITS = 0x0f, MASKED = 0x80, LENGTH_BITS = 0x7f };

/* Any alignment, any type behind it: the receive buffer is a run of bytes, and frames begin anywhere in it. */
typedef uint64_t lanes __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint64_t lane __attribute__((aligned(1), may_alias));

/* out = in XOR key, the key repeated from its first byte. They may overlap where out <= in: each lane is read before it is written. */
static inline void xor_mask(uint8_t *out, const uint8_t *in, size_t n, uint32_t key) {
  const uint64_t wide = (uint64_t)key << 32 | key;
  const lanes vector = {wide, wide, wide, wide};
  size_t i = 0;
  for (; i + sizeof(lanes) <= n; i += sizeof(lanes)) {
    *(lanes *)(out + i) = *(const lanes *)(in + i) ^ vector;
  }
  for (; i + sizeof(lane) <= n; i += sizeof(lane)) {
    *(lane *)(out + i) = *(const lane *)(in + i) ^ wide;
  }
  for (; i < n; i++) {
    out[i] = in[i] ^ (uint8_t)(wide >> 8 * (i & 3));
  }
}

/* The key for the bytes that follow, after n bytes of the payload have been unmasked (little-endian machines). */
static inline uint32_t rotated_key(uint32_t key, size_t n) {
  const unsigned shift = 8 * (n & 3);
  return shift == 0 ? key : key >> shift | key << (32 - shift);
}

/* How many bytes of extended payload length follow the second byte of a header. */
static inline size_t length_bytes(uint8_t second) {
  const uint8_t length = second & LENGTH_BITS;
  return length == 127 ? 8 : length == 126 ? 2 : 0;
}

static inline uint64_t payload_length(const uint8_t *header) {
  const size_t extended = length_bytes(header[1]);
  if (extended == 0) return header[1] & LENGTH_BITS;
  uint64_t length = 0;
  for (size_t i = 0; i < extended; i++) length = length << 8 | header[2 + i];
  return length;
}

/* Writes first byte and length, with mask_bit 0 or MASKED; returns the bytes written: 2, 4 or 10. A key is the caller's to add. */
static inline size_t put_header(uint8_t *out, uint8_t first, uint64_t length, uint8_t mask_bit) {
  out[0] = first;
  if (length < 126) {
    out[1] = mask_bit | (uint8_t)length;
    return 2;
  }
  const size_t extended = length <= 0xffff ? 2 : 8;
  out[1] = mask_bit | (extended == 2 ? 126 : 127);
  for (size_t i = 0; i < extended; i++) out[2 + i] = (uint8_t)(length >> 8 * (extended - 1 - i));
  return 2 + extended;
}

#endif
