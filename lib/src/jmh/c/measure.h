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

static int ascending(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

/*
 * Prints the nanoseconds that one operation takes when nothing disturbs it: of a second full of samples, the one that a tenth
 * of them does not exceed. A sample in which another process had the CPU does not count then. A sample is several operations
 * if these are very short.
 */
static inline void measure(void (*operation)(void)) {
    static double samples[1 << 20];
    double start = nanoseconds();
    long warm_up = 0;
    while (nanoseconds() - start < 1e8) {
        operation();
        warm_up++;
    }
    long operations = warm_up / 10000 + 1;
    size_t count = 0;
    double begin = nanoseconds(), end = begin;
    while (count < 3 || (end - begin < 1e9 && count < sizeof samples / sizeof *samples)) {
        start = nanoseconds();
        for (long i = 0; i < operations; i++) {
            operation();
        }
        end = nanoseconds();
        samples[count++] = (end - start) / operations;
    }
    qsort(samples, count, sizeof *samples, ascending);
    printf("%.1f\n", samples[count / 10]);
}
