/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves pages of another process to a NUMA node, as a C program would, and says how long that took: what Remora is
 * compared with.
 *
 *   moving PID ADDRESS BYTES NODE [BATCH]   move_pages(2) for all pages from the hexadecimal ADDRESS, BATCH at a time
 *                                           (4096); prints milliseconds, pages now on NODE, and pages that are not
 *   moving hold BYTES NODE                  fills BYTES of 4 KiB pages on NODE, prints "PID ADDRESS BYTES", and lives
 *                                           until its standard input ends
 *
 * A page that was on NODE before counts as being there now.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096L

static void require(int holds, const char *what) {
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static int hold(long bytes, long node) {
    unsigned long mask[16] = {0};
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    require(node >= 0 && node < 1024 && bytes > 0, "BYTES or NODE");
    mask[node / 64] = 1UL << node % 64;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED, "mmap");
    /* A kernel without huge pages says EINVAL, and has what is asked for. */
    require(madvise(memory, bytes, MADV_NOHUGEPAGE) == 0 || errno == EINVAL, "madvise");
    require(syscall(SYS_mbind, memory, bytes, MPOL_BIND, mask, 1024 + 1, 0) == 0, "mbind");
    for (long at = 0; at < bytes; at += PAGE) {
        memory[at] = 1 + at / PAGE % 127;
    }
    printf("%d %lx %ld\n", getpid(), (unsigned long)memory, bytes);
    fflush(stdout);
    while (read(0, &byte, 1) > 0) {
    }
    for (long at = 0; at < bytes; at += PAGE) {
        require(memory[at] == 1 + at / PAGE % 127, "the bytes that were written");
    }
    return 0;
}

static int move(pid_t pid, unsigned long address, long bytes, int node, long batch) {
    long pages = bytes / PAGE, there = 0;
    require(pages > 0 && batch > 0, "BYTES or BATCH");
    batch = batch < pages ? batch : pages;
    void **addresses = calloc(batch, sizeof *addresses);
    int *nodes = calloc(batch, sizeof *nodes), *states = calloc(batch, sizeof *states);
    require(addresses != NULL && nodes != NULL && states != NULL, "calloc");
    for (long i = 0; i < batch; i++) {
        nodes[i] = node;
    }
    double start = now();
    for (long first = 0; first < pages; first += batch) {
        long count = pages - first < batch ? pages - first : batch;
        for (long i = 0; i < count; i++) {
            addresses[i] = (void *)(address + (first + i) * PAGE);
            states[i] = -EBUSY;
        }
        require(syscall(SYS_move_pages, pid, count, addresses, nodes, states, 1 << 1) >= 0, "move_pages");
        for (long i = 0; i < count; i++) {
            there += states[i] == node;
        }
    }
    printf("%.2f %ld %ld\n", now() - start, there, pages - there);
    return 0;
}

int main(int count, char **arguments) {
    if (count == 4 && strcmp(arguments[1], "hold") == 0) {
        return hold(atol(arguments[2]), atol(arguments[3]));
    }
    if (count != 5 && count != 6) {
        fputs("moving PID ADDRESS BYTES NODE [BATCH] | moving hold BYTES NODE\n", stderr);
        return 2;
    }
    return move(atoi(arguments[1]), strtoul(arguments[2], NULL, 16), atol(arguments[3]), atoi(arguments[4]),
                count == 6 ? atol(arguments[5]) : 4096);
}
