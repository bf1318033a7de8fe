package dev.remora.sandbox;

import dev.remora.SyscallFailedException;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.PageSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A child process whose memory layout you command, to try memory policies on and to test with.
 *
 * {@snippet file="Sandbox.java" region="sandbox"}
 *
 * <p>It is a small JVM of the Java that runs the caller. It maps, touches, protects, locks and unmaps memory on command
 * and does nothing else. It is killed when it is closed, and dies with this process even if that is killed itself. It is
 * confined: it cannot gain privileges ({@code PR_SET_NO_NEW_PRIVS}); a seccomp filter refuses, with EPERM, to run
 * programs, start processes, open sockets or files for writing, and to signal or trace other processes; its address
 * space, files and core file are limited. It can read the files that its user can, those in {@code /proc} included: it
 * keeps mistakes from doing harm, and is no prison for hostile code.
 *
 * <p>A mapping made here has neighbours without access, a page on either side, so the kernel does not merge it with
 * another; one of 2 MiB or more begins at a multiple of 2 MiB, where huge pages can be. Of {@code vm.max_map_count} the
 * child leaves 1500 to its JVM; each mapping takes three.
 *
 * <p>All sizes are in bytes and rounded up to whole pages. The methods can be called by several threads; the child does
 * one thing after the other. They throw {@link SyscallFailedException} when the child's kernel call fails, with its
 * errno, {@link IllegalArgumentException} for ranges that are not, or not any more, memory mapped by a command, and
 * {@link IllegalStateException} when the child is closed, has ended, or does not answer in time; then it is killed.
 *
 * <p>Kernel: Linux 5.10 or newer with seccomp filters; no privileges needed. Source: {@code seccomp(2)}, {@code
 * prctl(2)}, {@code mmap(2)}.
 */
public final class SandboxedProcess implements AutoCloseable {

    private static final long ADDRESS_SPACE = 64 * ByteSize.GiB;
    private static final long MOST = 65_536 * ByteSize.GiB;
    private static final int LONGEST_MEMFD_NAME = 249;
    private static final Duration LONGEST_WAIT = Duration.ofDays(365);
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);

    private final Child child;
    private final long pageSize;

    private SandboxedProcess(Child child, long pageSize) {
        this.child = child;
        this.pageSize = pageSize;
    }

    /**
     * Starts a child that can map up to 64 GiB, and returns when it is confined and ready.
     *
     * @return the child, to be closed
     * @throws IllegalStateException if it does not start; the message has what it printed
     */
    public static SandboxedProcess start() {
        return start(ADDRESS_SPACE);
    }

    /**
     * Starts a child that can map a limited number of bytes, and returns when it is confined and ready.
     *
     * @param addressSpace the most bytes that commands can have mapped at a time, rounded up to a page
     * @return the child, to be closed
     * @throws IllegalArgumentException if {@code addressSpace} is less than 1 or more than 64 TiB
     * @throws IllegalStateException if it does not start; the message has what it printed
     */
    public static SandboxedProcess start(long addressSpace) {
        if (addressSpace < 1 || addressSpace > MOST) {
            throw new IllegalArgumentException("The child can have an address space of 1 byte to "
                    + ByteSize.format(MOST) + ", not of " + ByteSize.format(addressSpace));
        }
        long pageSize = PageSize.of(LinuxKernel.instance());
        return new SandboxedProcess(Child.start(addressSpace), pageSize);
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
     * @param byteSize the number of bytes, a multiple of the huge page size ({@code Hugepagesize} in {@code
     *     /proc/meminfo})
     * @return where it is
     * @throws IllegalArgumentException if it is no such multiple
     * @throws UnsupportedOperationException if this kernel was built without huge pages
     * @throws SyscallFailedException with ENOMEM if the pool has too few pages
     */
    public MemoryRange mapHugetlb(long byteSize) {
        long hugePage = HugePages.defaultBytes();
        if (byteSize % hugePage != 0) {
            throw new IllegalArgumentException("Huge pages of this host have " + ByteSize.format(hugePage) + ", and "
                    + byteSize + " bytes are not a multiple of that");
        }
        return map(Command.MAP_HUGETLB, byteSize, Long.toString(hugePage));
    }

    /**
     * Maps a new memfd, shared, for reading and writing, as ZGC does with its heap.
     *
     * @param name the name, which appears as {@code /memfd:name (deleted)}; at most 249 bytes in UTF-8, none of them 0
     * @param byteSize the number of bytes
     * @return where it is
     * @throws IllegalArgumentException if the name is too long, or contains a 0
     * @throws SyscallFailedException if the kernel refuses
     */
    public MemoryRange mapMemfd(String name, long byteSize) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_MEMFD_NAME || name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("The name of a memfd has at most " + LONGEST_MEMFD_NAME
                    + " bytes, none of them 0, and this one has " + length);
        }
        return map(Command.MAP_MEMFD, byteSize, name);
    }

    /**
     * Maps a whole file, shared, for reading.
     *
     * @param file the file; not empty, readable by this user
     * @return where it is, rounded up to whole pages
     * @throws UncheckedIOException if its size cannot be read
     * @throws IllegalArgumentException if it is empty, or not a file of the default file system
     * @throws SyscallFailedException if the kernel refuses
     */
    public MemoryRange mapFile(Path file) {
        if (!file.getFileSystem().equals(FileSystems.getDefault())) {
            throw new IllegalArgumentException("Only files of the default file system can be mapped, and " + file
                    + " is one of " + file.getFileSystem());
        }
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
        if (byteSize < 1 || byteSize > MOST) {
            throw new IllegalArgumentException("A mapping has 1 byte to " + ByteSize.format(MOST) + ", and " + byteSize
                    + " bytes are not between");
        }
        long wholePages = byteSize + pageSize - 1 & -pageSize;
        return MemoryRange.of(child.command(command, 0, wholePages, text), wholePages);
    }

    /**
     * Unmaps a range. Unmapping the middle of a mapping leaves a hole.
     *
     * @param range whole pages
     * @throws IllegalArgumentException if the range is not made of whole pages, or was not mapped by a command
     * @throws SyscallFailedException if the kernel refuses
     */
    public void unmap(MemoryRange range) {
        command(Command.UNMAP, range, "");
    }

    /**
     * Writes every page of a range with random bytes, so that it is in RAM and not equal to others.
     *
     * @param range a range that was mapped by a command
     * @throws IllegalArgumentException if it was not, or not all of it still is
     * @throws SyscallFailedException with EFAULT at the first page that is not writable
     */
    public void touch(MemoryRange range) {
        command(Command.WRITE, range, "");
    }

    /**
     * Reads every page of a range, so that it is in RAM.
     *
     * @param range a range that was mapped by a command
     * @throws IllegalArgumentException if it was not, or not all of it still is
     * @throws SyscallFailedException with EFAULT at the first page that is not readable
     */
    public void read(MemoryRange range) {
        command(Command.READ, range, "");
    }

    /**
     * Changes what the child may do with the pages of a range ({@code mprotect(2)}).
     *
     * @param range whole pages
     * @param protection what it may do
     * @throws IllegalArgumentException if the range is not made of whole pages, or was not mapped by a command
     * @throws SyscallFailedException if the kernel refuses
     */
    public void protect(MemoryRange range, Protection protection) {
        command(Command.PROTECT, range, protection.toString());
    }

    /**
     * Locks a range in RAM ({@code mlock(2)}), which touches it.
     *
     * @param range the range, extended to whole pages by the kernel
     * @throws IllegalArgumentException if it was not mapped by a command, or not all of it still is
     * @throws SyscallFailedException with ENOMEM or EPERM beyond the limit on locked memory ({@code RLIMIT_MEMLOCK})
     */
    public void lock(MemoryRange range) {
        command(Command.LOCK, range, "");
    }

    /**
     * Unlocks a range ({@code munlock(2)}).
     *
     * @param range the range, extended to whole pages by the kernel
     * @throws IllegalArgumentException if it was not mapped by a command, or not all of it still is
     * @throws SyscallFailedException if the kernel refuses
     */
    public void unlock(MemoryRange range) {
        command(Command.UNLOCK, range, "");
    }

    /**
     * Has the child's writes to a range tracked from now on ({@code userfaultfd(2)} with {@code UFFD_FEATURE_WP_ASYNC}), so that
     * {@link dev.remora.Selection#mark()} can be used on it.
     *
     * <p>Kernel: Linux 6.7; no privileges needed.
     *
     * @param range whole pages
     * @throws IllegalArgumentException if the range is not made of whole pages, or was not mapped by a command
     * @throws SyscallFailedException with EINVAL if the kernel is too old, or ENOSYS if it has no {@code userfaultfd}
     */
    public void trackWrites(MemoryRange range) {
        command(Command.TRACK, range, "");
    }

    private void command(Command command, MemoryRange range, String text) {
        child.command(command, range.address(), range.byteSize(), text);
    }

    /**
     * Changes how long the child has to answer each command; without this it is a minute.
     *
     * @param limit a positive duration; less than a millisecond counts as one, more than a year as a year
     * @throws IllegalArgumentException if it is zero or negative
     */
    public void answerWithin(Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("The child needs some time to answer, and " + limit + " is none");
        }
        Duration atLeast = limit.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : limit;
        child.answerWithin(atLeast.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : atLeast);
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
