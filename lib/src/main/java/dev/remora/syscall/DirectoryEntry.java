package dev.remora.syscall;

/**
 * What {@code getdents64(2)} tells of something in a directory.
 *
 * @param name its name
 * @param isDirectory whether it is a directory; file systems that do not say so are none that Remora lists
 */
public record DirectoryEntry(String name, boolean isDirectory) {}
