/*
 * A minimal WebSocket echo server over io_uring, by bare system calls: what a completion model can reach at best, hence the limit that
 * Pollux's `io_uring` is measured against. One thread, two system calls for all that 20 connections do. Linux 6.6 or newer.
 *
 *   echo_uring PORT [SECONDS]      PORT 0 = any free port; ends by itself after SECONDS, or on SIGTERM and SIGINT
 *   echo_uring --check             whether it can work here: status 0, or 1 and the reason
 *
 * Multishot accept into direct descriptors, multishot receive from a small ring of buffers. A frame is unmasked where it was received
 * and sent from there. A send from a buffer never waits (MSG_DONTWAIT), so that it is over when the call that submits it is, and only
 * one that took less than everything has a completion; it leaves the rest in memory of its own, from where it is sent by a send that
 * waits, and meanwhile nothing is received on that connection.
 *
 *   io_uring_enter: waits, then receives ---> completions ---> each is answered by a send that is queued
 *          ^                                                                          |
 *          |                                                                          v
 *   the buffers go back <--- completions of what was not sent whole <--- io_uring_enter: carries the sends out
 *
 * The second call costs less than it saves: with all buffers back before anything is received, half as many do, and they stay in the
 * cache (20 receives a call, of 16 KiB each).
 *
 * To /fanout and /publish: as echo_epoll.c. What is published has a turn for itself, so that it is sent from where it is.
 */
#define _GNU_SOURCE
#include "echo.h"
#include "ring.h"

enum {
  RECEIVES = 20, /* so many the kernel carries out in a call (IO_LOCAL_TW_DEFAULT_MAX), besides those that are new */
  /* The ring is first in, first out: with more buffers each of them would be colder. Each holds a frame of 16 KiB. */
  BUFFERS = 32,
  BUFFER_BYTES = 32 * 1024,
  /* For the output in front of the input; a distance between buffers that is no power of two spreads them over the caches' sets. */
  BEFORE = MAX_RESPONSE_BYTES + 64,
  STRIDE = BEFORE + BUFFER_BYTES,
  DISTANCE = 16
};
_Static_assert(DISTANCE >= (int)MAX_HEADER && BEFORE >= DISTANCE + MAX_RESPONSE_BYTES, "output stays in front of the input");

/* What a completion belongs to: in the lowest byte of its user_data, before the number of a buffer (16 bits), the key in the upper half. */
enum kind { ACCEPTED, RECEIVED, SENT, HELD_SENT, WOKEN, PUBLICATION_SENT, QUIET /* cancel, shutdown, close: nobody waits for them */ };

enum { RECEIVING = 1, SENDING_HELD = 2, LATE = 4, STARVED = 8 /* in the lists of these names */, GONE = 16 };

struct link {
  uint32_t sent_in; /* the turn in which a buffer was last sent */
  uint8_t flags;
};

static struct io_uring_buf_ring *buffers;
static uint16_t next_buffer;
static uint8_t *pool;

static struct link *links; /* by direct descriptor, as the connections */
static uint32_t turn = 1;
static int *late; /* connections with held output that nothing sends yet */
static uint32_t late_count;
static int *starved; /* connections that found no buffer, the longest first: a ring */
static uint64_t starved_first;
static uint32_t starved_count, most_connections, free_buffers;

/* The buffers of this turn (of a call) and of the one before, and what is sent from each. */
static struct {
  uint16_t number[BUFFERS];
  uint32_t count;
} received[2];
static struct {
  uint8_t *bytes;
  size_t length;
} outputs[BUFFERS];

static struct publication *publications; /* that wait for their turn */
static struct publication *under_way;    /* the one that is sent in this turn */
static uint64_t wakes;

static struct io_uring_sqe *submission(uint8_t operation, int fd, uint8_t flags, enum kind kind, uint32_t buffer, int key) {
  return queue(operation, fd, flags, (uint64_t)key << 32 | buffer << 8 | kind);
}

/* Of an operation whose success is of no interest. */
static struct io_uring_sqe *quiet(uint8_t operation, int fd, uint8_t flags, int key) {
  return submission(operation, fd, flags | IOSQE_CQE_SKIP_SUCCESS, QUIET, 0, key);
}

static void give_buffer(uint16_t number) {
  struct io_uring_buf *b = &buffers->bufs[next_buffer++ & (BUFFERS - 1)];
  b->addr = (uint64_t)(uintptr_t)(pool + (size_t)number * STRIDE + BEFORE);
  b->len = BUFFER_BYTES;
  b->bid = number;
  free_buffers++;
}

/* ---- connections ---- */

static void accept_on(int listener) {
  struct io_uring_sqe *s = submission(IORING_OP_ACCEPT, listener, 0, ACCEPTED, 0, 0);
  s->ioprio = IORING_ACCEPT_MULTISHOT;
  s->file_index = IORING_FILE_INDEX_ALLOC;
}

static void receive(int key) {
  struct io_uring_sqe *s = submission(IORING_OP_RECV, key, IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT, RECEIVED, 0, key);
  s->ioprio = IORING_RECV_MULTISHOT;
  links[key].flags |= RECEIVING;
}

static struct io_uring_sqe *send_bytes(int key, enum kind kind, uint32_t buffer, const uint8_t *bytes, size_t n, uint32_t flags) {
  struct io_uring_sqe *s = submission(IORING_OP_SEND, key, IOSQE_FIXED_FILE, kind, buffer, key);
  s->addr = (uint64_t)(uintptr_t)bytes;
  s->len = (uint32_t)n;
  s->msg_flags = MSG_NOSIGNAL | MSG_WAITALL | flags;
  return s;
}

/* The direct descriptor is free for the next one as soon as nothing refers to it any more. */
static void close_if_quiet(int key) {
  if (links[key].flags & (RECEIVING | SENDING_HELD | STARVED)) return;
  release(&connections[key]);
  quiet(IORING_OP_CLOSE, 0, 0, key)->file_index = (uint32_t)key + 1;
}

static void drop(int key) {
  struct link *l = &links[key];
  if (l->flags & GONE) return;
  l->flags |= GONE;
  unsubscribe(key);
  leave(key);
  if (l->flags & (RECEIVING | SENDING_HELD)) quiet(IORING_OP_SHUTDOWN, key, IOSQE_FIXED_FILE, key)->len = SHUT_RDWR;
  close_if_quiet(key);
}

/* A receive without a buffer fails, and one that is tried again at once takes that of another: they would fail by the thousand. */
static void receive_for_the_starved(void) {
  uint32_t budget = free_buffers > RECEIVES ? free_buffers - RECEIVES : 0;
  for (; starved_count > 0 && budget > 0; starved_count--, budget--) {
    const int key = starved[starved_first++ % most_connections];
    links[key].flags &= (uint8_t)~STARVED;
    if (links[key].flags & GONE) {
      close_if_quiet(key);
    } else if (!has_output_held(&connections[key])) { /* else when that has gone out */
      receive(key);
    }
  }
}

static void be_late(int key) {
  if (links[key].flags & LATE) return;
  links[key].flags |= LATE;
  late[late_count++] = key;
}

static void keep(int key, const uint8_t *bytes, size_t n, bool in_front) {
  hold(&connections[key], bytes, n, in_front);
  be_late(key);
}

static void send_held(int key) {
  struct link *l = &links[key];
  const struct held *held = connections[key].held;
  if (l->flags & RECEIVING) quiet(IORING_OP_ASYNC_CANCEL, -1, 0, key)->addr = (uint64_t)key << 32 | RECEIVED;
  send_bytes(key, HELD_SENT, 0, held->bytes + held->start, held->end - held->start, 0);
  l->flags |= SENDING_HELD;
}

/* What is late in this turn may have a part of it in a send that is queued only now: it has to wait for the next one. */
static void send_late(void) {
  uint32_t left = 0;
  for (uint32_t i = 0; i < late_count; i++) {
    const int key = late[i];
    struct link *l = &links[key];
    if (l->sent_in == turn && !(l->flags & GONE)) {
      late[left++] = key;
      continue;
    }
    l->flags &= (uint8_t)~LATE;
    if (has_output_held(&connections[key]) && !(l->flags & (SENDING_HELD | GONE))) send_held(key);
  }
  late_count = left;
}

/* ---- bytes in, bytes out ---- */

/* Sends what is in a buffer. Two such sends of one turn could overtake each other if the first does not go out whole. */
static void reply(int key, uint32_t buffer) {
  struct connection *c = &connections[key];
  const size_t n = outputs[buffer].length;
  if (n == 0) {
    if (c->state == ENDING && !has_output_held(c)) drop(key);
  } else if (has_output_held(c) || links[key].sent_in == turn) {
    keep(key, outputs[buffer].bytes, n, false);
  } else {
    links[key].sent_in = turn;
    struct io_uring_sqe *s = send_bytes(key, SENT, buffer, outputs[buffer].bytes, n, MSG_DONTWAIT);
    if (c->state != ENDING) s->flags |= IOSQE_CQE_SKIP_SUCCESS;
  }
}

/* To all others of /fanout. One that has not taken what it was sent before is skipped: a minimal server has no better policy. */
static void publish(int key, uint32_t buffer) {
  for (int i = subscriber_count - 1; i >= 0; i--) {
    const int to = subscribers[i];
    if (to != key && connections[to].held == NULL) reply(to, buffer);
  }
}

static void await_publications(void) {
  struct io_uring_sqe *s = submission(IORING_OP_READ, wake, 0, WOKEN, 0, 0);
  s->addr = (uint64_t)(uintptr_t)&wakes;
  s->len = sizeof wakes;
}

static void on_woken(int result) {
  if (result < 0 && result != -EINTR) {
    errno = -result;
    fail("read from an eventfd");
  }
  struct publication **end = &publications;
  while (*end != NULL) end = &(*end)->next;
  *end = take_all(&published, false);
  await_publications();
}

/* To all in a room; nobody is skipped. In a turn of its own: a second one would have to be copied for each of them. */
static void deliver_next(void) {
  free(under_way);
  under_way = publications;
  if (under_way == NULL) return;
  publications = under_way->next;
  const struct room *room = &rooms[under_way->room];
  for (int i = room->count - 1; i >= 0; i--) {
    const int key = room->members[i];
    if (has_output_held(&connections[key]) || links[key].sent_in == turn) {
      keep(key, under_way->frame, under_way->length, false);
    } else {
      links[key].sent_in = turn;
      send_bytes(key, PUBLICATION_SENT, 0, under_way->frame, under_way->length, MSG_DONTWAIT)->flags |= IOSQE_CQE_SKIP_SUCCESS;
    }
  }
}

static void on_bytes(int key, uint16_t buffer, size_t n) {
  struct connection *c = &connections[key];
  uint8_t *in = pool + (size_t)buffer * STRIDE + BEFORE;
  const bool opens = c->state == HANDSHAKE;
  uint8_t *out = in - DISTANCE - (opens ? MAX_RESPONSE_BYTES : 0);
  const bool publishes = !opens && subscriber_count > 0 && is_subscriber(key);
  const bool to_rooms = !opens && key == publisher;
  const uint8_t *end = opens ? handshake(key, in, in + n, out) : echo(c, in, in + n, out);
  outputs[buffer].bytes = out;
  outputs[buffer].length = (size_t)(end - out);
  if (publishes && c->state != ENDING) {
    publish(key, buffer);
  } else if (to_rooms && c->state != ENDING) {
    take_orders(out, (size_t)(end - out));
  } else {
    reply(key, buffer);
  }
}

static void on_received(int key, const struct io_uring_cqe *done) {
  struct link *l = &links[key];
  struct connection *c = &connections[key];
  if (!(done->flags & IORING_CQE_F_MORE)) l->flags &= (uint8_t)~RECEIVING;
  if (done->flags & IORING_CQE_F_BUFFER) {
    const uint16_t buffer = (uint16_t)(done->flags >> IORING_CQE_BUFFER_SHIFT);
    received[turn & 1].number[received[turn & 1].count++] = buffer;
    free_buffers--;
    if (done->res > 0 && c->state != ENDING && !(l->flags & GONE)) on_bytes(key, buffer, (size_t)done->res);
  }
  if (done->res <= 0 && done->res != -ENOBUFS && done->res != -ECANCELED) drop(key);
  if (l->flags & RECEIVING) return;
  if (l->flags & GONE) {
    close_if_quiet(key);
  } else if (done->res == -ENOBUFS) {
    l->flags |= STARVED;
    starved[(starved_first + starved_count++) % most_connections] = key;
  } else if (c->state != ENDING && !has_output_held(c)) {
    receive(key);
  }
}

/* A send that took less than everything; or all, before the end. */
static void on_sent(int key, const uint8_t *bytes, size_t n, int result) {
  if (links[key].flags & GONE) return;
  if (result < 0 && result != -EAGAIN && result != -EINTR) {
    drop(key);
    return;
  }
  const size_t sent = result < 0 ? 0 : (size_t)result;
  if (sent < n) {
    keep(key, bytes + sent, n - sent, true);
  } else {
    drop(key);
  }
}

static void on_held_sent(int key, int result) {
  struct link *l = &links[key];
  struct connection *c = &connections[key];
  l->flags &= (uint8_t)~SENDING_HELD;
  if (l->flags & GONE) {
    close_if_quiet(key);
    return;
  }
  if (result < 0 && result != -EINTR) {
    drop(key);
    return;
  }
  struct held *held = c->held;
  held->start += result < 0 ? 0 : (size_t)result;
  if (held->start == held->end) {
    c->held = held->next;
    free(held);
  }
  if (c->held != NULL) {
    send_held(key);
  } else if (c->state == ENDING) {
    drop(key);
  } else if (!(l->flags & (RECEIVING | STARVED))) {
    receive(key);
  }
}

static void on_accepted(int listener, const struct io_uring_cqe *done) {
  if (!(done->flags & IORING_CQE_F_MORE)) accept_on(listener);
  if (done->res == -EINTR || done->res == -ECONNABORTED) return;
  if (done->res < 0) {
    errno = -done->res;
    fail("accept"); /* a benchmark that ran out of descriptors has no result: end it */
  }
  connections[done->res] = (struct connection){.state = HANDSHAKE};
  links[done->res] = (struct link){.flags = links[done->res].flags & LATE};
  receive(done->res);
}

/* ---- the loop ---- */

static void prepare_ring(void) {
  open_ring();
  struct io_uring_rsrc_register table = {.nr = most_connections, .flags = IORING_RSRC_REGISTER_SPARSE};
  register_with_ring(IORING_REGISTER_FILES2, &table, sizeof table);
  buffers = map(BUFFERS * sizeof(struct io_uring_buf), -1, 0);
  pool = map((size_t)BUFFERS * STRIDE, -1, 0);
  struct io_uring_buf_reg reg = {.ring_addr = (uint64_t)(uintptr_t)buffers, .ring_entries = BUFFERS};
  register_with_ring(IORING_REGISTER_PBUF_RING, &reg, 1);
  for (uint16_t i = 0; i < BUFFERS; i++) give_buffer(i);
  __atomic_store_n(&buffers->tail, next_buffer, __ATOMIC_RELEASE);
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--check") == 0) {
    most_connections = 1;
    prepare_ring();
    return 0;
  }
  struct rlimit descriptors;
  const uint16_t port = prepare(argc, argv, &descriptors);
  most_connections = (uint32_t)descriptors.rlim_max;
  links = calloc(most_connections, sizeof *links);
  late = calloc(most_connections, sizeof *late);
  starved = calloc(most_connections, sizeof *starved);
  if (links == NULL || late == NULL || starved == NULL) fail("calloc");
  prepare_ring();

  const int listener = listen_on(port);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* a connection has it from its listener */
  accept_on(listener);
  await_publications();
  for (;; turn++) {
    /* What is late waits for nothing but that the others are sent, and what is published for nothing but its turn. */
    enter(late_count == 0 && publications == NULL && nothing_is_queued() ? 1 : 0);
    received[turn & 1].count = 0;
    const uint32_t tail = __atomic_load_n(completion_tail, __ATOMIC_ACQUIRE);
    uint32_t head = *completion_head;
    for (; head != tail; head++) {
      const struct io_uring_cqe *done = &completions[head & completion_mask];
      const int key = (int)(done->user_data >> 32);
      switch (done->user_data & 0xff) {
        case ACCEPTED: on_accepted(listener, done); break;
        case RECEIVED: on_received(key, done); break;
        case SENT: {
          const uint32_t buffer = done->user_data >> 8 & 0xffff;
          on_sent(key, outputs[buffer].bytes, outputs[buffer].length, done->res);
          break;
        }
        case WOKEN: on_woken(done->res); break;
        case PUBLICATION_SENT: on_sent(key, under_way->frame, under_way->length, done->res); break;
        case HELD_SENT: on_held_sent(key, done->res); break;
        default: break;
      }
    }
    __atomic_store_n(completion_head, head, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < received[~turn & 1].count; i++) give_buffer(received[~turn & 1].number[i]);
    received[~turn & 1].count = 0;
    __atomic_store_n(&buffers->tail, next_buffer, __ATOMIC_RELEASE);
    send_late();
    receive_for_the_starved();
    deliver_next();
  }
}
