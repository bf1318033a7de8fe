/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the nanoseconds that it takes to read what a process maps into structures of one's own, names included.
 *
 *   listing PID
 */
#include "measure.h"

struct mapping {
    unsigned long start, end, offset, device, inode;
    unsigned char readable, writable, executable, shared;
    const char *name;
};

static char path[64];
static char *text;
static size_t text_size = 1 << 20;
static struct mapping *mappings;
static size_t mappings_size = 1 << 10;
static char *names;
static size_t names_size = 1 << 16;

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

/* Names are kept in one block; one that is that of the mapping before is not kept again. */
static const char *keep(const char *name, size_t length, size_t *kept) {
    static const char *last = "";
    static size_t last_length;
    if (length == 0) {
        return "";
    }
    if (*kept > 0 && length == last_length && memcmp(last, name, length) == 0) {
        return last;
    }
    if (*kept + length + 1 > names_size) {
        /* Names that were given out already stay where they are. */
        names = malloc(names_size *= 2);
        *kept = 0;
    }
    char *copy = names + *kept;
    memcpy(copy, name, length);
    copy[length] = 0;
    *kept += length + 1;
    last = copy;
    last_length = length;
    return copy;
}

static size_t parse(const char *at, const char *end) {
    size_t count = 0, kept = 0;
    while (at < end) {
        if (count == mappings_size) {
            mappings = realloc(mappings, (mappings_size *= 2) * sizeof *mappings);
        }
        struct mapping *mapping = mappings + count++;
        mapping->start = hexadecimal(&at);
        mapping->end = hexadecimal(&at);
        mapping->readable = at[0] == 'r';
        mapping->writable = at[1] == 'w';
        mapping->executable = at[2] == 'x';
        mapping->shared = at[3] == 's';
        at += 5;
        mapping->offset = hexadecimal(&at);
        mapping->device = hexadecimal(&at) << 32;
        mapping->device |= hexadecimal(&at);
        unsigned long inode = 0;
        for (; *at >= '0' && *at <= '9'; at++) {
            inode = inode * 10 + (*at - '0');
        }
        mapping->inode = inode;
        while (*at == ' ') {
            at++;
        }
        const char *newline = memchr(at, '\n', end - at);
        mapping->name = keep(at, newline - at, &kept);
        at = newline + 1;
    }
    return count;
}

static void list(void) {
    size_t length = read_maps();
    require(parse(text, text + length) > 0, "a process that maps something");
}

int main(int number, char **arguments) {
    require(number == 2, "listing PID");
    snprintf(path, sizeof path, "/proc/%s/maps", arguments[1]);
    text = malloc(text_size);
    mappings = malloc(mappings_size * sizeof *mappings);
    names = malloc(names_size);
    measure(list);
    return 0;
}
