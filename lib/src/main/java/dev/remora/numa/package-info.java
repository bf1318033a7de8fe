/**
 * Values for placing memory on the nodes of a machine with non-uniform memory access (NUMA), and what this host's nodes
 * are. See the kernel's {@code Documentation/admin-guide/mm/numa_memory_policy.rst} and {@code numa(7)}.
 */
@NullMarked
package dev.remora.numa;

import org.jspecify.annotations.NullMarked;
