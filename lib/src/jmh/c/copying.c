/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the nanoseconds that it takes to copy memory of another process.
 *
 *   copying PID ADDRESS BYTES read|write
 */
#include "measure.h"

#define MOST_BYTES 0x7ffff000UL

static pid_t pid;
static char *here;
static unsigned long there, bytes;
static int writing;

static void copy(void) {
    for (unsigned long done = 0; done < bytes;) {
        unsigned long size = bytes - done < MOST_BYTES ? bytes - done : MOST_BYTES;
        struct iovec local = {here + done, size}, remote = {(char *)there + done, size};
        ssize_t copied = writing ? process_vm_writev(pid, &local, 1, &remote, 1, 0)
                                 : process_vm_readv(pid, &local, 1, &remote, 1, 0);
        require(copied > 0, "process_vm");
        done += copied;
    }
}

int main(int number, char **arguments) {
    require(number == 5, "copying PID ADDRESS BYTES read|write");
    pid = atoi(arguments[1]);
    there = strtoul(arguments[2], NULL, 10);
    bytes = strtoul(arguments[3], NULL, 10);
    writing = arguments[4][0] == 'w';
    here = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    require(here != MAP_FAILED, "mmap");
    measure(copy);
    return 0;
}
