/**
 * Readers of {@code /proc/PID}, through a directory that stays with the process it was opened for, and of what {@code
 * /sys} says of the host.
 */
@NullMarked
package dev.remora.procfs;

import org.jspecify.annotations.NullMarked;
