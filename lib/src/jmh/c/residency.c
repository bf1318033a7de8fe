/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the nanoseconds that it takes to find out in which state the pages of another process are, and to sum them up.
 *
 *   residency PID ADDRESS BYTES
 */
#include "measure.h"
#include <sys/ioctl.h>

#define REGIONS 4096
#define PRESENT (1 << 3)
#define SWAPPED (1 << 4)
#define SHOWN 0x1ff

struct region {
    unsigned long start, end, categories;
};

struct scan {
    unsigned long size, flags, start, end, walk_end, vec, vec_len, max_pages, inverted, mask, anyof, shown;
};

#define PAGEMAP_SCAN _IOWR('f', 16, struct scan)

static char path[64];
static unsigned long from, to, bytes;
static struct region regions[REGIONS];
static volatile unsigned long sums[SHOWN + 1];

static void look(void) {
    int pagemap = open(path, O_RDONLY | O_CLOEXEC);
    require(pagemap >= 0, path);
    unsigned long present = 0;
    for (unsigned long at = from; at < to;) {
        struct scan scan = {.size = sizeof scan, .start = at, .end = to, .vec = (unsigned long)regions,
                            .vec_len = REGIONS, .anyof = PRESENT | SWAPPED, .shown = SHOWN};
        int count = ioctl(pagemap, PAGEMAP_SCAN, &scan);
        require(count >= 0, "PAGEMAP_SCAN");
        for (int i = 0; i < count; i++) {
            unsigned long size = regions[i].end - regions[i].start;
            sums[regions[i].categories & SHOWN] += size;
            present += regions[i].categories & PRESENT ? size : 0;
        }
        /* The kernel may have gone on from where it says. */
        at = count > 0 && regions[count - 1].end > scan.walk_end ? regions[count - 1].end : scan.walk_end;
    }
    close(pagemap);
    require(present == bytes, "pages of the target are missing");
}

int main(int number, char **arguments) {
    require(number == 4, "residency PID ADDRESS BYTES");
    snprintf(path, sizeof path, "/proc/%s/pagemap", arguments[1]);
    from = strtoul(arguments[2], NULL, 10);
    bytes = strtoul(arguments[3], NULL, 10);
    to = from + bytes;
    measure(look);
    return 0;
}
