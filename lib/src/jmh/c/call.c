/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the nanoseconds that one getppid takes through libc's syscall(). */
#include "measure.h"

static void call(void) {
    syscall(SYS_getppid);
}

int main(void) {
    measure(call);
    return 0;
}
