/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system call numbers of AArch64; the class SyscallsAarch64 is generated from this.
 *
 * AArch64 has no table of its own: it takes the generic one and switches parts of it on, as is done here, so that the
 * numbers can be generated and proven on any 64-bit machine. <asm/unistd.h> must not have been included before.
 */
#ifndef REMORA_SYSCALLS_AARCH64_H
#define REMORA_SYSCALLS_AARCH64_H

#include <asm/bitsperlong.h>

#if __BITS_PER_LONG != 64
#error "the AArch64 numbers need a 64-bit target"
#endif

#define __ARCH_WANT_RENAMEAT
#define __ARCH_WANT_NEW_STAT
#define __ARCH_WANT_SET_GET_RLIMIT
#define __ARCH_WANT_TIME32_SYSCALLS
#define __ARCH_WANT_SYS_CLONE3

#include <asm-generic/unistd.h>

#include "syscalls_newer.h"

#endif
