/* SPDX-License-Identifier: Apache-2.0 */
/* What the C programs of the benchmarks have in common. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PIDFD_OPEN 434
#define PROCESS_MADVISE 440
#define COLD 20
#define PAGEOUT 21
#define MOST_RANGES 1024

static inline void require(int holds, const char *what) {
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static inline double nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static inline int open_process(const char *pid) {
    int pidfd = syscall(PIDFD_OPEN, atoi(pid), 0);
    require(pidfd >= 0, "pidfd_open");
    return pidfd;
}

/* Advises ranges that are accepted whole, in as few calls as the kernel allows. */
static inline void advise(int pidfd, const struct iovec *ranges, size_t count, int advice) {
    for (size_t i = 0; i < count; i += MOST_RANGES) {
        size_t size = count - i < MOST_RANGES ? count - i : MOST_RANGES;
        size_t asked = 0;
        for (size_t j = i; j < i + size; j++) {
            asked += ranges[j].iov_len;
        }
        require(syscall(PROCESS_MADVISE, pidfd, ranges + i, size, advice, 0) == (long)asked, "process_madvise");
    }
}

/* Prints the nanoseconds that one operation takes, over a second and at least three times. */
static inline void measure(void (*operation)(void)) {
    double start = nanoseconds();
    long batch = 0;
    while (nanoseconds() - start < 1e8) {
        operation();
        batch++;
    }
    batch = batch / 10 + 1;
    long operations = 0;
    double end;
    start = nanoseconds();
    do {
        for (long i = 0; i < batch; i++) {
            operation();
        }
        operations += batch;
        end = nanoseconds();
    } while (end - start < 1e9 || operations < 3);
    printf("%.1f\n", (end - start) / operations);
}
