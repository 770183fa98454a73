/* Prints a filled submission byte by byte; the test fills the same one in Java and compares. */
#include "io_uring.h"

int main(void) {
  struct io_uring_sqe sqe;
  memset(&sqe, 0, sizeof sqe);
  sqe.opcode = 0xf1;
  sqe.flags = 0x92;
  sqe.ioprio = 0xa3b4;
  sqe.fd = -2;
  sqe.off = 0xfedcba9876543210u;
  sqe.addr = 0x8123456789abcdefu;
  sqe.len = 0xc0ffee01u;
  sqe.msg_flags = 0xd1e2f304u;
  sqe.user_data = 0xf1abcdef01234567u;
  sqe.buf_group = 0xb5c6;
  sqe.file_index = (unsigned) -3;
  sqe.addr3 = 0x9999888877776666u;
  const unsigned char *bytes = (const unsigned char *) &sqe;
  printf("io_uring_sqe ");
  for (size_t i = 0; i < sizeof sqe; i++) printf("%02x", bytes[i]);
  printf("\n");
  return 0;
}
