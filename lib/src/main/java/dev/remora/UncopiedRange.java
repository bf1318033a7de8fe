package dev.remora;

import dev.remora.addressspace.MemoryRange;

/**
 * A range of which nothing was copied.
 *
 * @param range the range, in the process; it need not consist of whole pages
 * @param obstacle why not
 */
public record UncopiedRange(MemoryRange range, CopyObstacle obstacle) {}
