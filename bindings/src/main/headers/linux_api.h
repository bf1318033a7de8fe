/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything the class Linux is generated from.
 *
 * A family comes from the kernel's own header where that can be included beside the C library's headers, and from the
 * C library otherwise: <fcntl.h>, <sys/mman.h>, <sys/wait.h> and <sys/ptrace.h> stay out because they clash with it.
 */
#ifndef REMORA_LINUX_API_H
#define REMORA_LINUX_API_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/elf.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/memfd.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <linux/wait.h>

#if defined(__x86_64__)
/* struct user_regs_struct, which has another layout on every architecture. */
#include <sys/user.h>
#endif

#include "kernel_newer.h"

#endif
