/*
 * Publishing from a thread of the application (W7), for the echo servers of this folder. A program includes it once, by echo.h.
 *
 * Who connects to /rooms?K is in room K. A binary message on the connection to /publish is an order: the number of a room in four
 * bytes, big-endian, and what all in it are to get. One such connection at a time, messages of up to 64 KiB in one frame.
 *
 *   loop: a message on /publish --> orders, a locked queue --> publisher's thread: writes the frame
 *                                                                       |
 *   loop: sends it to all in the room <-- wake, an eventfd <-- publications, a locked queue
 */
#ifndef BENCH_PUBLISH_H
#define BENCH_PUBLISH_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "frame.h"

enum { ROOMS = 1024, ROOM_BYTES = 4, MAX_FRAME_HEADER = 10, INBOX_BYTES = 256 * 1024 };

struct publication {
  struct publication *next;
  uint32_t room, length; /* of the frame */
  uint8_t *frame;        /* somewhere in the bytes: its header's length is known later than its payload */
  uint8_t bytes[];
};

struct publications {
  pthread_mutex_t lock;
  pthread_cond_t filled;
  struct publication *first, **end;
};

struct room {
  int *members; /* keys of connections */
  int count, capacity;
};

static struct publications orders = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &orders.first};
static struct publications published = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &published.first};
static int wake = -1; /* readable when something is published */
static struct room rooms[ROOMS];
static uint16_t *room_of; /* by key, from 1; 0: in none */
static int publisher = -1; /* the connection to /publish */
static uint8_t inbox[INBOX_BYTES];
static size_t inbox_length;

static void fail(const char *what);

/* ---- rooms ---- */

static void join(int key, uint32_t number) {
  struct room *room = &rooms[number];
  if (room->count == room->capacity) {
    room->capacity = room->capacity == 0 ? 16 : 2 * room->capacity;
    room->members = realloc(room->members, (size_t)room->capacity * sizeof *room->members);
    if (room->members == NULL) fail("realloc");
  }
  room->members[room->count++] = key;
  room_of[key] = (uint16_t)(number + 1);
}

/* A connection has ended. */
static void leave(int key) {
  if (key == publisher) publisher = -1;
  if (room_of[key] == 0) return;
  struct room *room = &rooms[room_of[key] - 1];
  int i = 0;
  while (room->members[i] != key) i++;
  room->members[i] = room->members[--room->count];
  room_of[key] = 0;
}

/* ---- from the loop to the publisher, and back ---- */

static void append(struct publications *queue, struct publication *p) {
  p->next = NULL;
  pthread_mutex_lock(&queue->lock);
  *queue->end = p;
  queue->end = &p->next;
  pthread_cond_signal(&queue->filled);
  pthread_mutex_unlock(&queue->lock);
}

/* All that is in the queue, the oldest first. */
static struct publication *take_all(struct publications *queue, bool wait) {
  pthread_mutex_lock(&queue->lock);
  while (wait && queue->first == NULL) pthread_cond_wait(&queue->filled, &queue->lock);
  struct publication *all = queue->first;
  queue->first = NULL;
  queue->end = &queue->first;
  pthread_mutex_unlock(&queue->lock);
  return all;
}

/* The thread of the application. */
static void *publish_orders(void *nothing) {
  for (;;) {
    struct publication *next, *p = take_all(&orders, true);
    for (; p != NULL; p = next) {
      next = p->next;
      uint8_t header[MAX_FRAME_HEADER];
      const size_t n = put_header(header, FIN | BINARY, p->length, 0);
      p->frame -= n;
      p->length += (uint32_t)n;
      memcpy(p->frame, header, n);
      append(&published, p);
      if (write(wake, &(uint64_t){1}, sizeof(uint64_t)) < 0) fail("write to an eventfd");
    }
  }
  return nothing;
}

static void take_order(const uint8_t *message, size_t n) {
  const size_t payload = n - ROOM_BYTES;
  struct publication *p = malloc(sizeof *p + MAX_FRAME_HEADER + payload);
  if (p == NULL) fail("malloc");
  p->room = (uint32_t)message[0] << 24 | (uint32_t)message[1] << 16 | (uint32_t)message[2] << 8 | message[3];
  p->length = (uint32_t)payload;
  p->frame = p->bytes + MAX_FRAME_HEADER;
  memcpy(p->frame, message + ROOM_BYTES, payload);
  if (p->room < ROOMS) {
    append(&orders, p);
  } else {
    free(p);
  }
}

/* What came on /publish, unmasked and with a server's headers, as an echo would be. */
static void take_orders(const uint8_t *bytes, size_t n) {
  if (inbox_length + n > sizeof inbox) {
    errno = EMSGSIZE;
    fail("/publish");
  }
  memcpy(inbox + inbox_length, bytes, n);
  inbox_length += n;
  size_t at = 0;
  while (inbox_length - at >= 2 && inbox_length - at >= 2 + length_bytes(inbox[at + 1])) {
    const uint8_t *frame = inbox + at;
    const size_t header = 2 + length_bytes(frame[1]);
    const uint64_t length = payload_length(frame);
    if (inbox_length - at - header < length) break;
    if ((frame[0] & OPCODE_BITS) == BINARY && length >= ROOM_BYTES) take_order(frame + header, (size_t)length);
    at += header + (size_t)length;
  }
  inbox_length -= at;
  memmove(inbox, inbox + at, inbox_length);
}

/* A connection to /rooms?K or to /publish has opened. There is no thread before the second: a process with one thread is served faster. */
static void open_room_or_publisher(int key, const char *request) {
  static pthread_t thread;
  if (strncmp(request, "GET /rooms?", 11) == 0) {
    const unsigned long number = strtoul(request + 11, NULL, 10);
    if (number < ROOMS) join(key, (uint32_t)number);
  } else if (strncmp(request, "GET /publish ", 13) == 0) {
    publisher = key;
    inbox_length = 0;
    if (thread != 0) return;
    errno = pthread_create(&thread, NULL, publish_orders, NULL);
    if (errno != 0) fail("pthread_create");
  }
}

static void prepare_rooms(size_t most_connections) {
  room_of = calloc(most_connections, sizeof *room_of);
  if (room_of == NULL) fail("calloc");
  wake = eventfd(0, EFD_CLOEXEC); /* only read when there is something to read */
  if (wake < 0) fail("eventfd");
}

#endif
