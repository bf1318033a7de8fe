/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the nanoseconds that it takes to read what a process maps, and to mark all of its anonymous memory cold.
 *
 *   mappings PID
 */
#include "measure.h"

static int pidfd;
static char path[64];
static char *text;
static size_t text_size = 1 << 20;
static struct iovec *ranges;
static size_t ranges_size = 1 << 10;

static size_t read_maps(void) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    require(file >= 0, path);
    size_t length = 0;
    for (;;) {
        if (length == text_size) {
            text = realloc(text, text_size *= 2);
        }
        ssize_t bytes = read(file, text + length, text_size - length);
        require(bytes >= 0, "read");
        if (bytes == 0) {
            break;
        }
        length += bytes;
    }
    close(file);
    return length;
}

static inline unsigned long hexadecimal(const char **at) {
    unsigned long value = 0;
    for (;; ++*at) {
        char letter = **at;
        if ((unsigned)(letter - '0') < 10) {
            value = value << 4 | (letter - '0');
        } else if ((unsigned)(letter - 'a') < 6) {
            value = value << 4 | (letter - 'a' + 10);
        } else {
            ++*at;
            return value;
        }
    }
}

/* 7f0000000000-7f0000001000 rw-p 00000000 00:00 0       [name] */
static size_t parse(const char *at, const char *end) {
    size_t count = 0;
    while (at < end) {
        unsigned long from = hexadecimal(&at), to = hexadecimal(&at);
        int shared = at[3] == 's';
        at += 5;
        hexadecimal(&at);
        unsigned long device = hexadecimal(&at) << 32;
        device |= hexadecimal(&at);
        unsigned long inode = 0;
        for (; *at >= '0' && *at <= '9'; at++) {
            inode = inode * 10 + (*at - '0');
        }
        while (*at == ' ') {
            at++;
        }
        int of_kernel = at[0] == '[' && at[1] == 'v';
        at = (const char *)memchr(at, '\n', end - at) + 1;
        if (!shared && device == 0 && inode == 0 && !of_kernel) {
            if (count == ranges_size) {
                ranges = realloc(ranges, (ranges_size *= 2) * sizeof *ranges);
            }
            ranges[count++] = (struct iovec){.iov_base = (void *)from, .iov_len = to - from};
        }
    }
    return count;
}

static void read_and_advise(void) {
    size_t length = read_maps();
    advise(pidfd, ranges, parse(text, text + length), COLD);
}

int main(int number, char **arguments) {
    require(number == 2, "mappings PID");
    pidfd = open_process(arguments[1]);
    snprintf(path, sizeof path, "/proc/%s/maps", arguments[1]);
    text = malloc(text_size);
    ranges = malloc(ranges_size * sizeof *ranges);
    measure(read_and_advise);
    return 0;
}
