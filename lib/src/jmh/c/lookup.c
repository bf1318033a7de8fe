/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the nanoseconds that it takes to ask the kernel for the mapping at an address of a process: to open its maps, to ask
 * by PROCMAP_QUERY, and to close it again.
 *
 *   lookup PID ADDRESS
 */
#include "measure.h"
#include <stdint.h>
#include <sys/ioctl.h>

struct query {
    uint64_t size, flags, address, start, end, vma_flags, page_size, offset, inode;
    uint32_t major, minor, name_size, build_id_size;
    uint64_t name, build_id;
};

#define QUERY _IOWR('f', 17, struct query)

static int directory;
static unsigned long address;

static void look(void) {
    char name[512];
    struct query query = {
        .size = sizeof query, .address = address, .name_size = sizeof name, .name = (uintptr_t)name};
    int file = openat(directory, "maps", O_RDONLY | O_CLOEXEC);
    require(file >= 0, "maps");
    require(ioctl(file, QUERY, &query) == 0, "PROCMAP_QUERY, which needs Linux 6.11");
    close(file);
}

int main(int number, char **arguments) {
    require(number == 3, "lookup PID ADDRESS");
    char path[64];
    snprintf(path, sizeof path, "/proc/%s", arguments[1]);
    directory = open(path, O_PATH | O_CLOEXEC);
    require(directory >= 0, path);
    address = strtoul(arguments[2], NULL, 10);
    measure(look);
    return 0;
}
