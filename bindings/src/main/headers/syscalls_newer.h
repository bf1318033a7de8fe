/* SPDX-License-Identifier: Apache-2.0 */
/* System calls newer than Linux 6.1; every number from 424 on is the same on all architectures. */
#ifndef REMORA_SYSCALLS_NEWER_H
#define REMORA_SYSCALLS_NEWER_H

#ifndef __NR_cachestat
#define __NR_cachestat 451 /* 6.5 */
#endif
#ifndef __NR_statmount
#define __NR_statmount 457 /* 6.8 */
#endif
#ifndef __NR_mseal
#define __NR_mseal 462 /* 6.10 */
#endif

#endif
