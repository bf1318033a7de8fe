/** The seam to the kernel: the only code that calls restricted methods, handles raw descriptors, flags and errnos. */
@NullMarked
package dev.remora.syscall;

import org.jspecify.annotations.NullMarked;
