/**
 * Values that describe the address space of a process: ranges, mappings and their protection. They depend on nothing
 * else, cost nothing but memory, and never change.
 */
@NullMarked
package dev.remora.addressspace;

import org.jspecify.annotations.NullMarked;
