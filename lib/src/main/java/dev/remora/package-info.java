/**
 * Looks after the memory of other processes. Start with {@link dev.remora.RemoteMemory}.
 *
 * <p>A handle gives selections, a selection has verbs, a verb returns an outcome:
 *
 * {@snippet file="FirstSteps.java" region="first-steps"}
 *
 * <p>Only handles hold resources and are closed. Selections are immutable values that can be kept and used again; each
 * verb reads afresh what the process maps. What is expected to happen on a living system, such as a hole in a range or
 * a process that ends midway, is an outcome; exceptions are for mistakes of the caller, missing rights and kernels that
 * are too old.
 */
@NullMarked
package dev.remora;

import org.jspecify.annotations.NullMarked;
