/**
 * What a test needs of the machine, declared on the test: where it is missing, the test is skipped and the reason is
 * printed. The build in {@code .ci/run} fails when a test was skipped in every run.
 */
@NullMarked
package dev.remora.preconditions;

import org.jspecify.annotations.NullMarked;
