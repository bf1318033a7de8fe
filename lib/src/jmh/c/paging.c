/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the nanoseconds that it takes to page out memory of another process, for each of several times after a first one.
 *
 *   paging TARGET BYTES THREADS TIMES
 *
 * TARGET is the program target. The threads page out one part each.
 */
#include "measure.h"
#include <pthread.h>

#define MOST_BYTES 0x7ffff000UL
#define MOST_THREADS 64

static int pidfd;

static void *page_out(void *part) {
    struct iovec *range = part;
    for (size_t at = 0; at < range->iov_len; at += MOST_BYTES) {
        size_t left = range->iov_len - at;
        struct iovec piece = {(char *)range->iov_base + at, left < MOST_BYTES ? left : MOST_BYTES};
        advise(pidfd, &piece, 1, PAGEOUT);
    }
    return NULL;
}

static void page_out_with(int threads, char *address, size_t bytes) {
    struct iovec parts[MOST_THREADS];
    pthread_t others[MOST_THREADS];
    size_t size = bytes / threads / 4096 * 4096;
    for (int i = 0; i < threads; i++) {
        parts[i] = (struct iovec){address + i * size, i == threads - 1 ? bytes - i * size : size};
    }
    for (int i = 1; i < threads; i++) {
        require(pthread_create(&others[i], NULL, page_out, &parts[i]) == 0, "pthread_create");
    }
    page_out(&parts[0]);
    for (int i = 1; i < threads; i++) {
        pthread_join(others[i], NULL);
    }
}

static size_t swapped(int pid) {
    char path[64], line[256];
    size_t kilobytes = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *status = fopen(path, "r");
    require(status != NULL, path);
    while (fgets(line, sizeof line, status)) {
        if (strncmp(line, "VmSwap:", 7) == 0) {
            kilobytes = strtoul(line + 7, NULL, 10);
        }
    }
    fclose(status);
    return kilobytes * 1024;
}

int main(int number, char **arguments) {
    require(number == 5, "paging TARGET BYTES THREADS TIMES");
    size_t bytes = strtoul(arguments[2], NULL, 10);
    int threads = atoi(arguments[3]);
    require(threads >= 1 && threads <= MOST_THREADS, "THREADS");
    int to_target[2], from_target[2];
    require(pipe2(to_target, O_CLOEXEC) == 0 && pipe2(from_target, O_CLOEXEC) == 0, "pipe2");
    int pid = fork();
    if (pid == 0) {
        dup2(to_target[0], 0);
        dup2(from_target[1], 1);
        execl(arguments[1], arguments[1], "1", arguments[2], NULL);
        _exit(127);
    }
    close(from_target[1]);
    FILE *target = fdopen(from_target[0], "r");
    char line[64];
    unsigned long address;
    require(fgets(line, sizeof line, target) && sscanf(line, "%*d %lu", &address) == 1, arguments[1]);
    pidfd = syscall(PIDFD_OPEN, pid, 0);
    require(pidfd >= 0, "pidfd_open");
    for (int i = 0; i <= atoi(arguments[4]); i++) {
        require(write(to_target[1], "t", 1) == 1 && fgets(line, sizeof line, target), "the target");
        double start = nanoseconds();
        page_out_with(threads, (char *)address, bytes);
        double end = nanoseconds();
        require(swapped(pid) >= bytes / 100 * 95, "memory that leaves RAM");
        if (i > 0) {
            printf("%.0f\n", end - start);
        }
    }
    return 0;
}
