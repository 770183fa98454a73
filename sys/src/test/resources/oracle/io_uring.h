/* The headers of the kernel that module sys has constants or structs of. */
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "these headers are older than Linux 6.1"
#endif
#include <asm/unistd.h>
#include <linux/io_uring.h>
#include <linux/time_types.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
