package dev.remora.sandbox;

import dev.remora.SyscallFailedException;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A child process whose memory layout you command, to try memory policies on and to test with.
 *
 * {@snippet file="Sandbox.java" region="sandbox"}
 *
 * <p>It is a small JVM of the Java that runs the caller. It maps, touches, protects, locks and unmaps memory on command
 * and does nothing else. It is killed when it is closed, and dies with this process even if that is killed itself. It
 * is confined: it cannot gain privileges ({@code PR_SET_NO_NEW_PRIVS}); a seccomp filter refuses, with EPERM, to run
 * programs, start processes, open sockets or files for writing, and to signal, trace or read other processes; its
 * address space, files and core file are limited.
 *
 * <p>A mapping made here has neighbours without access, one page or more on either side, so the kernel does not merge
 * it with another; one of 2 MiB or more begins at a multiple of 2 MiB, where huge pages can be.
 *
 * <p>All sizes are in bytes and rounded up by the kernel to whole pages. The methods can be called by several threads;
 * the child does one thing after the other. They throw {@link SyscallFailedException} when the child's kernel call
 * fails, with its errno, and {@link IllegalStateException} when the child is closed, has ended, or does not answer in
 * time; then it is killed.
 *
 * <p>Kernel: Linux 5.10 or newer with seccomp filters; no privileges needed. Source: {@code seccomp(2)}, {@code
 * prctl(2)}, {@code mmap(2)}.
 */
public final class SandboxedProcess implements AutoCloseable {

    private static final long ADDRESS_SPACE = 64 * ByteSize.GiB;

    private final Child child;

    private SandboxedProcess(Child child) {
        this.child = child;
    }

    /**
     * Starts a child with an address space of at most 64 GiB, and returns when it is confined and ready.
     *
     * @return the child, to be closed
     * @throws IllegalStateException if it does not start; the message has what it printed
     */
    public static SandboxedProcess start() {
        return start(ADDRESS_SPACE);
    }

    /**
     * Starts a child with a limited address space, and returns when it is confined and ready.
     *
     * @param addressSpace the most bytes of address space the child can have, its own JVM included ({@code RLIMIT_AS});
     *     at least 1 GiB
     * @return the child, to be closed
     * @throws IllegalArgumentException if {@code addressSpace} is too small for a JVM
     * @throws IllegalStateException if it does not start; the message has what it printed
     */
    public static SandboxedProcess start(long addressSpace) {
        if (addressSpace < ByteSize.GiB) {
            throw new IllegalArgumentException("The child is a JVM and takes an address space of at least 1 GiB, not "
                    + ByteSize.format(addressSpace));
        }
        return new SandboxedProcess(Child.start(addressSpace));
    }

    /** {@return the number of the child} */
    public long pid() {
        return child.handle().pid();
    }

    /** {@return the child, for {@link dev.remora.RemoteMemory#open(ProcessHandle)}} */
    public ProcessHandle handle() {
        return child.handle();
    }

    /**
     * Maps private anonymous memory for reading and writing.
     *
     * @param byteSize the number of bytes
     * @return where it is
     * @throws SyscallFailedException if the kernel refuses, for example with ENOMEM
     */
    public MemoryRange map(long byteSize) {
        return map(Command.MAP, byteSize, "");
    }

    /**
     * Maps shared anonymous memory for reading and writing.
     *
     * @param byteSize the number of bytes
     * @return where it is
     * @throws SyscallFailedException if the kernel refuses, for example with ENOMEM
     */
    public MemoryRange mapShared(long byteSize) {
        return map(Command.MAP_SHARED, byteSize, "");
    }

    /**
     * Maps private memory from the pool of huge pages, which an administrator fills ({@code vm.nr_hugepages}).
     *
     * @param byteSize the number of bytes, a multiple of the huge page size
     * @return where it is
     * @throws SyscallFailedException with ENOMEM if the pool has too few pages
     */
    public MemoryRange mapHugetlb(long byteSize) {
        return map(Command.MAP_HUGETLB, byteSize, "");
    }

    /**
     * Maps a new memfd, shared, for reading and writing, as ZGC does with its heap.
     *
     * @param name the name, which appears as {@code /memfd:name (deleted)}; at most 249 bytes
     * @param byteSize the number of bytes
     * @return where it is
     * @throws SyscallFailedException if the kernel refuses
     */
    public MemoryRange mapMemfd(String name, long byteSize) {
        return map(Command.MAP_MEMFD, byteSize, name);
    }

    /**
     * Maps a whole file, shared, for reading.
     *
     * @param file the file; not empty, readable by this user
     * @return where it is, rounded up to whole pages
     * @throws UncheckedIOException if its size cannot be read
     * @throws IllegalArgumentException if it is empty
     * @throws SyscallFailedException if the kernel refuses
     */
    public MemoryRange mapFile(Path file) {
        Path absolute = file.toAbsolutePath();
        long byteSize;
        try {
            byteSize = Files.size(absolute);
        } catch (IOException failure) {
            throw new UncheckedIOException("The size of " + absolute + " cannot be read", failure);
        }
        return map(Command.MAP_FILE, byteSize, absolute.toString());
    }

    private MemoryRange map(Command command, long byteSize, String text) {
        if (byteSize < 1) {
            throw new IllegalArgumentException("A mapping has at least 1 byte, and " + byteSize + " is less");
        }
        long wholePages = Math.addExact(byteSize, Child.PAGE_SIZE - 1) & -Child.PAGE_SIZE;
        return MemoryRange.of(child.command(command, 0, wholePages, text), wholePages);
    }

    /**
     * Unmaps a range. Unmapping the middle of a mapping leaves a hole.
     *
     * @param range whole pages
     * @throws SyscallFailedException with EINVAL if the range is not made of whole pages
     */
    public void unmap(MemoryRange range) {
        command(Command.UNMAP, range, "");
    }

    /**
     * Writes every page of a range with random bytes, so that it is in RAM and not equal to others.
     *
     * @param range a range that is mapped and writable
     * @throws SyscallFailedException with EFAULT at the first page that is not
     */
    public void touch(MemoryRange range) {
        command(Command.WRITE, range, "");
    }

    /**
     * Reads every page of a range, so that it is in RAM.
     *
     * @param range a range that is mapped and readable
     * @throws SyscallFailedException with EFAULT at the first page that is not
     */
    public void read(MemoryRange range) {
        command(Command.READ, range, "");
    }

    /**
     * Changes what the child may do with the pages of a range ({@code mprotect(2)}).
     *
     * @param range whole pages
     * @param protection what it may do
     * @throws SyscallFailedException if the kernel refuses, for example with ENOMEM for a hole
     */
    public void protect(MemoryRange range, Protection protection) {
        command(Command.PROTECT, range, protection.toString());
    }

    /**
     * Locks a range in RAM ({@code mlock(2)}), which touches it.
     *
     * @param range the range, extended to whole pages by the kernel
     * @throws SyscallFailedException with ENOMEM or EPERM beyond the limit on locked memory ({@code RLIMIT_MEMLOCK})
     */
    public void lock(MemoryRange range) {
        command(Command.LOCK, range, "");
    }

    /**
     * Unlocks a range ({@code munlock(2)}).
     *
     * @param range the range, extended to whole pages by the kernel
     * @throws SyscallFailedException if the kernel refuses, for example with ENOMEM for a hole
     */
    public void unlock(MemoryRange range) {
        command(Command.UNLOCK, range, "");
    }

    private void command(Command command, MemoryRange range, String text) {
        child.command(command, range.address(), range.byteSize(), text);
    }

    /**
     * Changes how long the child has to answer each command; without this it is a minute.
     *
     * @param limit a positive duration
     * @throws IllegalArgumentException if it is zero or negative
     */
    public void answerWithin(Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("The child needs some time to answer, and " + limit + " is none");
        }
        child.answerWithin(limit);
    }

    /** Kills the child and waits until it is gone. Closing twice does nothing. */
    @Override
    public void close() {
        child.kill();
    }

    /** {@return the number of the child} */
    @Override
    public String toString() {
        return "sandboxed process " + pid();
    }
}
