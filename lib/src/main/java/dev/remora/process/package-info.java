/** Processes pinned by a pidfd, so that nothing here can reach another one. */
@NullMarked
package dev.remora.process;

import org.jspecify.annotations.NullMarked;
