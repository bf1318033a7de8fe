/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process whose memory is advised.
 *
 *   target COUNT BYTES
 *
 * maps COUNT ranges of BYTES bytes that follow one another, touches them, and gives them two protections in turns, so
 * that each is a mapping of its own. Prints its number and the address, and lives until its input ends. For each byte of
 * input it touches all of its memory that is writable, and prints a line.
 *
 * The pages are small ones, and half random, so that zram has something to compress.
 */
#include "measure.h"

static void fill(char *memory, size_t size) {
    unsigned long random = 88172645463325252UL;
    for (char *page = memory; page < memory + size; page += 4096) {
        for (size_t i = 0; i < 4096 / sizeof random / 2; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            ((unsigned long *)page)[i] = random;
        }
    }
}

int main(int number, char **arguments) {
    require(number == 3, "target COUNT BYTES");
    size_t count = strtoul(arguments[1], NULL, 10), bytes = strtoul(arguments[2], NULL, 10);
    char *memory = mmap(NULL, count * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED, "mmap");
    require(madvise(memory, count * bytes, MADV_NOHUGEPAGE) == 0, "madvise");
    fill(memory, count * bytes);
    for (size_t i = 1; i < count; i += 2) {
        require(mprotect(memory + i * bytes, bytes, PROT_READ) == 0, "mprotect");
    }
    printf("%d %lu\n", getpid(), (unsigned long)memory);
    fflush(stdout);
    for (char byte; read(0, &byte, 1) == 1;) {
        for (size_t i = 0; i < count; i += 2) {
            for (size_t at = 0; at < bytes; at += 4096) {
                ((volatile char *)memory)[i * bytes + at]++;
            }
        }
        puts("touched");
        fflush(stdout);
    }
    return 0;
}
