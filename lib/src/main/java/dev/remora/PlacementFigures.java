package dev.remora;

import java.time.Duration;

/**
 * What could be seen of a placement from outside.
 *
 * @param confirmedBytes how much of the memory that was placed shows the policy in {@code numa_maps} of the process
 *     afterwards. With policies relative to the allowed nodes, only the mode is compared. A home node is not shown there;
 *     and of memory without a policy, {@code numa_maps} shows the one of the process, so that the system's default is not
 *     confirmed in a process that has one ({@code numactl})
 * @param movedBytes how much memory left its node for another, as {@code numa_maps} counts it for the mappings concerned
 *     before and after; 0 for a placement that leaves pages. What the process itself maps or gives back meanwhile is in it
 * @param standstill how long the thread stood still that executed the calls; zero where none did
 */
public record PlacementFigures(long confirmedBytes, long movedBytes, Duration standstill) {}
