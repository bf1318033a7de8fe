package dev.remora;

import dev.remora.addressspace.MemoryRange;

/**
 * Neighbouring pages of which the same became.
 *
 * @param range the pages
 * @param fate what became of each of them
 */
public record MovedRange(MemoryRange range, PageFate fate) {}
