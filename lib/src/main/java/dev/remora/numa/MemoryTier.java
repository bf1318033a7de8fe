package dev.remora.numa;

/**
 * NUMA nodes whose memory the kernel takes for equally fast. Under pressure it moves pages from a tier to the next one
 * ({@code /sys/kernel/mm/numa/demotion_enabled}).
 *
 * <p>Kernel: {@code /sys/devices/virtual/memory_tiering}, Linux 6.1. Source: the kernel's {@code
 * Documentation/ABI/testing/sysfs-kernel-mm-memory-tiers}.
 *
 * @param number the kernel's number of the tier: the lower, the faster. Numbers need not follow each other
 * @param nodes its nodes
 */
public record MemoryTier(int number, NodeSet nodes) {}
