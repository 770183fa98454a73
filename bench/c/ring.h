/*
 * io_uring by bare system calls: a ring of one thread, which runs what the kernel has left to do when it asks for completions. A
 * program includes it once.
 */
#ifndef BENCH_RING_H
#define BENCH_RING_H

#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "echo.h"

#ifndef IORING_SETUP_NO_SQARRAY
#define IORING_SETUP_NO_SQARRAY (1U << 16)
#endif

enum { SUBMISSIONS = 256, COMPLETIONS = 8192 };

static int ring, ring_index;
static uint32_t *submission_head, *submission_tail, *completion_head, *completion_tail;
static struct io_uring_sqe *submissions;
static struct io_uring_cqe *completions;
static uint32_t submission_mask, completion_mask, next_submission;

/* Has everything carried out that is queued, and waits for completions, if it has to. */
static void enter(uint32_t wait) {
  __atomic_store_n(submission_tail, next_submission, __ATOMIC_RELEASE);
  uint32_t queued = next_submission - __atomic_load_n(submission_head, __ATOMIC_ACQUIRE);
  do {
    const uint32_t flags = IORING_ENTER_REGISTERED_RING | (wait > 0 ? IORING_ENTER_GETEVENTS : 0);
    if (syscall(__NR_io_uring_enter, ring_index, queued, wait, flags, NULL, 0) < 0 && errno != EINTR) fail("io_uring_enter");
    queued = next_submission - __atomic_load_n(submission_head, __ATOMIC_ACQUIRE);
  } while (queued > 0);
}

static bool nothing_is_queued(void) { return next_submission == __atomic_load_n(submission_head, __ATOMIC_ACQUIRE); }

/* The next place in the queue, everything else in it 0. */
static struct io_uring_sqe *queue(uint8_t operation, int fd, uint8_t flags, uint64_t user_data) {
  if (next_submission - __atomic_load_n(submission_head, __ATOMIC_ACQUIRE) > submission_mask) enter(0);
  struct io_uring_sqe *s = &submissions[next_submission++ & submission_mask];
  *s = (struct io_uring_sqe){.opcode = operation, .fd = fd, .flags = flags, .user_data = user_data};
  return s;
}

static void *map(size_t bytes, int fd, uint64_t offset) {
  const int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, (off_t)offset);
  if (memory == MAP_FAILED) fail("mmap");
  return memory;
}

static void register_with_ring(unsigned what, void *argument, unsigned count) {
  if (syscall(__NR_io_uring_register, ring, what, argument, count) < 0) fail("io_uring_register");
}

static void open_ring(void) {
  struct io_uring_params p = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE |
                                       IORING_SETUP_SUBMIT_ALL | IORING_SETUP_NO_SQARRAY,
                              .cq_entries = COMPLETIONS};
  ring = (int)syscall(__NR_io_uring_setup, SUBMISSIONS, &p);
  if (ring < 0) fail("io_uring_setup");
  uint8_t *rings = map(p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), ring, IORING_OFF_SQ_RING);
  submissions = map(p.sq_entries * sizeof *submissions, ring, IORING_OFF_SQES);
  submission_head = (uint32_t *)(rings + p.sq_off.head);
  submission_tail = (uint32_t *)(rings + p.sq_off.tail);
  completion_head = (uint32_t *)(rings + p.cq_off.head);
  completion_tail = (uint32_t *)(rings + p.cq_off.tail);
  completions = (struct io_uring_cqe *)(rings + p.cq_off.cqes);
  submission_mask = p.sq_entries - 1;
  completion_mask = p.cq_entries - 1;

  struct io_uring_rsrc_update own = {.offset = -1U, .data = (uint64_t)ring};
  register_with_ring(IORING_REGISTER_RING_FDS, &own, 1);
  ring_index = (int)own.offset;
}

#endif
