/* SPDX-License-Identifier: Apache-2.0 */
/* The system call numbers of x86-64; the class SyscallsX86_64 is generated from this. */
#ifndef REMORA_SYSCALLS_X86_64_H
#define REMORA_SYSCALLS_X86_64_H

#if !defined(__x86_64__)
#error "elsewhere <asm/unistd_64.h> is missing or has other numbers: regenerate on x86-64"
#endif

#include <asm/unistd_64.h>

#include "syscalls_newer.h"

#endif
