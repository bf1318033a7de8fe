/** A child process whose memory layout you command, to try memory policies on without harm. */
@NullMarked
package dev.remora.sandbox;

import org.jspecify.annotations.NullMarked;
