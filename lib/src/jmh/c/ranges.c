/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the nanoseconds that it takes to mark ranges of another process cold.
 *
 *   ranges PID ADDRESS SIZE COUNT vectored      in vectors of up to 1024 ranges
 *   ranges PID ADDRESS SIZE COUNT single        in a call for each
 *
 * COUNT ranges of SIZE bytes follow one another from ADDRESS.
 */
#include "measure.h"

static int pidfd;
static struct iovec *ranges;
static size_t count;

static void vectored(void) {
    advise(pidfd, ranges, count, COLD);
}

static void single(void) {
    for (size_t i = 0; i < count; i++) {
        advise(pidfd, ranges + i, 1, COLD);
    }
}

int main(int number, char **arguments) {
    require(number == 6, "ranges PID ADDRESS SIZE COUNT vectored|single");
    pidfd = open_process(arguments[1]);
    char *address = (char *)strtoul(arguments[2], NULL, 10);
    size_t size = strtoul(arguments[3], NULL, 10);
    count = strtoul(arguments[4], NULL, 10);
    ranges = calloc(count, sizeof *ranges);
    for (size_t i = 0; i < count; i++) {
        ranges[i] = (struct iovec){.iov_base = address + i * size, .iov_len = size};
    }
    measure(strcmp(arguments[5], "vectored") == 0 ? vectored : single);
    return 0;
}
