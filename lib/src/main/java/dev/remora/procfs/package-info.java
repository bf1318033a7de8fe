/** Readers of {@code /proc/PID}, through a directory that stays with the process it was opened for. */
@NullMarked
package dev.remora.procfs;

import org.jspecify.annotations.NullMarked;
