package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.bindings.iovec;
import dev.remora.bindings.rlimit64;
import dev.remora.syscall.Architecture;
import dev.remora.syscall.IoVectors;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A kernel with one process, that does what Linux does as far as Remora sees it, and does what a test scripts instead:
 * an answer for the next call of a kind, or something that happens before it.
 */
final class SimulatedKernel implements Kernel {

    static final int PID = 4711;
    static final long PAGE = 4096;

    /** What kind of memory a mapping is, with its {@code VmFlags}. */
    enum Kind {
        PLAIN("rd wr mr mw me ac"),
        LOCKED("rd wr mr mw me lo ac"),
        HUGETLB("rd wr mr mw me de ht"),
        PAGE_FRAMES("rd mr pf io de dd");

        private final String flags;

        Kind(String flags) {
            this.flags = flags;
        }
    }

    private record Vma(long end, Kind kind, String name) {}

    /** A range for which advice took effect. */
    record Effect(int advice, long address, long byteSize) {}

    private interface File {}

    private static final class PidFd implements File {}

    private static final class Directory implements File {}

    private static final class PageMap implements File {}

    private static final class Epoll implements File {
        private final Map<Integer, Long> keys = new HashMap<>();
    }

    private static final class Text implements File {
        private final byte[] bytes;
        private int position;

        Text(String text) {
            bytes = text.getBytes(StandardCharsets.UTF_8);
        }
    }

    private final TreeMap<Long, Vma> vmas = new TreeMap<>(Long::compareUnsigned);
    private final Map<Integer, File> files = new HashMap<>();
    private final Map<Syscall, Deque<LongSupplier>> scripts = new EnumMap<>(Syscall.class);
    private final Map<Syscall, Integer> counts = new EnumMap<>(Syscall.class);
    private final List<Effect> effects = new ArrayList<>();
    private int nextFile = 3;

    static final int OWN_PID = 4000;
    private static final int NOBODY = -1;

    /** On which nodes its cpuset lets it have memory. */
    String allowedNodes = "0";

    /** Where its pages are. */
    final SimulatedPages pages = new SimulatedPages(address -> vmaAt(address) != null);

    long unmigratedPages;

    /** What {@code /proc/swaps} says; without it, the kernel was built without swap. */
    String swap = "Filename\tType\tSize\tUsed\tPriority\n/swap  file  1073741824  0  -2\n";

    /** The most bytes of {@code pagemap} that are handed out at once. */
    long pagemapPortion = Long.MAX_VALUE;

    /** What {@code memory.swap.max} of its cgroup says, of which it has used 1 MiB; without it, it is in the root. */
    String swapLimit = "";

    /** Pages that are mapped but not in RAM. */
    final Set<Long> absent = new HashSet<>();

    /** Where {@code struct epoll_event} has its key, which is all a reader needs to know of it. */
    private static final long EVENT_KEY =
            Architecture.ofThisMachine() == Architecture.X86_64 ? Integer.BYTES : Long.BYTES;

    private static final long EVENT_BYTES = EVENT_KEY + Long.BYTES;

    boolean exited;

    /** Whether its parent has collected its status. */
    boolean reaped;

    boolean kernelThread;

    /** Whether it is ending, and so far in that that it has no memory any more. */
    boolean memoryGivenUp;

    /** Whether SIGKILL was sent to it. */
    boolean dying;

    /** Whether SIGKILL ends it before the caller's next call; otherwise a test does that with {@link #exit()}. */
    boolean endsAtOnce;

    boolean endsAtSigterm;
    boolean dumpsCore;

    /** Whether another process, which lives, uses the same memory. */
    boolean sharedWithOthers;

    /** Whether its memory was freed from outside. */
    boolean released;

    /** The flags that this kernel knows, and none that was released does. */
    long signalFlags;

    long releaseFlags;

    /** Those that came with the last call for the process. */
    long passedSignalFlags;

    long passedReleaseFlags;

    /** Of the calling thread. */
    int policy = Linux.SCHED_OTHER();

    boolean mayBeRealTime = true;

    /** How long the caller's real-time threads may run, in microseconds. */
    long realTimeLimit = -1;

    static final String GROUP = "/group";

    /** The numbers in the only cgroup, of version 1; all stand for the one process. */
    final List<Integer> group = new ArrayList<>();

    /** How many files the caller may have open. */
    int fileLimit = Integer.MAX_VALUE;

    /** Runs before the cgroup is read. */
    Runnable beforeListing = () -> {};

    /** The files of the process that cannot be opened, and why. */
    final Map<String, Integer> refusals = new HashMap<>();

    private final List<Integer> signals = new ArrayList<>();
    String command = "target";
    /** Whether an error hides the ranges of the same call that succeeded before it, as it did before Linux 5.18. */
    boolean hidesProgress;

    /** Whether the caller may advise the process, which the kernel asks after the addresses and the advice. */
    boolean permitted = true;

    /** Where this kernel's user space ends; what lies beyond makes it refuse a whole vector. */
    long userSpaceEnd = 1L << 47;

    final Set<Integer> knownAdvice = new HashSet<>(
            Set.of(Linux.MADV_COLD(), Linux.MADV_PAGEOUT(), Linux.MADV_WILLNEED(), Linux.MADV_COLLAPSE()));

    /** Cuts the result of a call that succeeded, as if the kernel had stopped early. */
    LongUnaryOperator partialResult = LongUnaryOperator.identity();

    /** Runs before each process_madvise. */
    Runnable beforeAdvice = () -> {};

    SimulatedKernel map(long address, long byteSize, Kind kind) {
        return map(address, byteSize, kind, "");
    }

    SimulatedKernel map(long address, long byteSize, Kind kind, String name) {
        vmas.put(address, new Vma(address + byteSize, kind, name));
        return this;
    }

    void unmap(long address) {
        vmas.remove(address);
    }

    /** Where the mappings begin. */
    List<Long> mappings() {
        return List.copyOf(vmas.keySet());
    }

    /** Answers the next call of a kind that has no script yet. */
    SimulatedKernel script(Syscall call, LongSupplier answer) {
        scripts.computeIfAbsent(call, any -> new ArrayDeque<>()).add(answer);
        return this;
    }

    SimulatedKernel fail(Syscall call, int errno) {
        return script(call, () -> -errno);
    }

    int count(Syscall call) {
        return counts.getOrDefault(call, 0);
    }

    List<Effect> effects() {
        return effects;
    }

    /** All signals that were sent. */
    List<Integer> signals() {
        return signals;
    }

    /** How many descriptors are waited for. */
    synchronized int watched() {
        return files.values().stream()
                .filter(Epoll.class::isInstance)
                .mapToInt(file -> ((Epoll) file).keys.size())
                .sum();
    }

    /** Those of the library's caller: the thread that waits for exits goes on for a while, and keeps one. */
    synchronized int openFiles() {
        return (int)
                files.values().stream().filter(file -> !(file instanceof Epoll)).count();
    }

    @Override
    public synchronized long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        Syscall call = named(number);
        boolean forNothing = call == Syscall.PROCESS_MADVISE && a2 == 0;
        if (forNothing) {
            return processMadvise((int) a0, a1, a2, (int) a3, a4);
        }
        counts.merge(call, 1, Integer::sum);
        Deque<LongSupplier> script = scripts.get(call);
        if (script != null && !script.isEmpty()) {
            return script.remove().getAsLong();
        }
        return switch (call) {
            case PIDFD_OPEN -> pidfdOpen((int) a0, a1);
            case OPENAT -> openat((int) a0, text(a1));
            case READ -> read((int) a0, a1, a2);
            case CLOSE -> files.remove((int) a0) == null ? -Linux.EBADF() : 0;
            case PPOLL -> ppoll(a2);
            case GETPID -> OWN_PID;
            case FCNTL -> files.get((int) a0) instanceof PidFd ? open(new PidFd()) : -Linux.EBADF();
            case GETDENTS64 -> 0;
            case IOCTL -> -Linux.ENOTTY();
            case WAITID -> -Linux.ECHILD();
            case PIDFD_SEND_SIGNAL -> pidfdSendSignal((int) a0, (int) a1, a3);
            case PROCESS_MRELEASE -> processMrelease((int) a0, a1);
            case SCHED_GETSCHEDULER -> policy;
            case PRLIMIT64 -> realTimeLimit(a3);
            case SCHED_SETSCHEDULER -> schedSetscheduler((int) a1);
            case EPOLL_CREATE1 -> open(new Epoll());
            case EPOLL_CTL -> epollCtl((int) a0, (int) a1, (int) a2, a3);
            case EPOLL_PWAIT -> epollPwait((int) a0, a1, (int) a3);
            case MINCORE -> a0 % PAGE == 0 ? 0 : -Linux.EINVAL();
            case PREAD64 -> pread((int) a0, a1, a2, a3);
            case CLOCK_GETTIME -> 0;
            case PROCESS_MADVISE -> processMadvise((int) a0, a1, a2, (int) a3, a4);
            case MOVE_PAGES -> pages.movePages(exited ? NOBODY : PID, (int) a0, a1, a2, a3, a4, (int) a5);
            case MIGRATE_PAGES -> exited ? -Linux.ESRCH() : unmigratedPages;
            default -> throw new AssertionError("not simulated: " + call);
        };
    }

    private static Syscall named(int number) {
        for (Syscall call : Syscall.values()) {
            if (call.number() == number) {
                return call;
            }
        }
        throw new AssertionError("no call has the number " + number);
    }

    private long pidfdOpen(int pid, long flags) {
        if (flags != 0 || pid <= 0) {
            return -Linux.EINVAL();
        }
        return pid == PID || group.contains(pid) ? open(new PidFd()) : -Linux.ESRCH();
    }

    private long open(File file) {
        if (openFiles() >= fileLimit) {
            return -Linux.EMFILE();
        }
        files.put(nextFile, file);
        return nextFile++;
    }

    private long openat(int directory, String path) {
        if (path.equals("/proc/" + PID) || path.equals("/proc") || path.equals(GROUP)) {
            return open(new Directory());
        }
        if (path.equals("/proc/self") || path.equals("/sys/fs/cgroup/group")) {
            return open(new Directory());
        }
        if (path.equals("/proc/thread-self")) {
            return -Linux.ENOENT();
        }
        if (path.startsWith("/proc/") && group.contains(Integer.valueOf(path.substring("/proc/".length())))) {
            return open(new Directory());
        }
        if (!(files.get(directory) instanceof Directory)) {
            return -Linux.EBADF();
        }
        if (refusals.containsKey(path)) {
            return -refusals.get(path);
        }
        return switch (path) {
            case "stat" -> open(new Text(stat()));
            case "maps" -> open(new Text(exited ? "" : maps(false)));
            case "smaps" -> open(new Text(exited ? "" : maps(true)));
            case "statm" -> open(new Text(memoryGivenUp ? "0 0 0 0 0 0 0\n" : ""));
            case "status" ->
                open(new Text("Name:\t" + command + "\nCoreDumping:\t" + (dumpsCore ? 1 : 0) + "\nMems_allowed_list:\t"
                        + allowedNodes + "\n"));
            case "pagemap" -> open(new PageMap());
            case "task", ".", "task/" + PID -> open(new Directory());
            case "cgroup.procs" -> cgroupProcesses();
            case "cgroup" -> open(new Text("1:freezer:/other\n0::" + (swapLimit.isEmpty() ? "/" : "/group") + "\n"));
            case "meminfo" -> open(new Text("MemTotal: 1 kB\n"));
            case "mountinfo" -> open(new Text("31 23 0:26 / /sys/fs/cgroup rw - cgroup2 none rw\n"));
            case "memory.swap.max" -> open(new Text(swapLimit + "\n"));
            case "memory.swap.current" -> open(new Text("1048576\n"));
            case "swaps" -> swap.isEmpty() ? -Linux.ENOENT() : open(new Text(swap));
            default -> -Linux.ENOENT();
        };
    }

    private long cgroupProcesses() {
        beforeListing.run();
        if (refusals.containsKey("cgroup.procs")) {
            return -refusals.get("cgroup.procs");
        }
        var text = new StringBuilder();
        group.stream().filter(_ -> !exited).forEach(pid -> text.append(pid).append('\n'));
        return open(new Text(text.toString()));
    }

    private String stat() {
        return PID + " (" + command + ") " + (exited ? "Z" : "S") + " 1 1 1 0 -1 "
                + (kernelThread ? 0x0020_8040 : 0x400) + " 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0 0 0 0 0 0\n";
    }

    private String maps(boolean withFlags) {
        var text = new StringBuilder();
        vmas.forEach((start, vma) -> {
            String line = Long.toHexString(start) + "-" + Long.toHexString(vma.end) + " rw-p 00000000 00:00 0";
            text.append(vma.name.isEmpty() ? line + " " : String.format("%-73s%s", line + " ", vma.name))
                    .append('\n');
            if (withFlags) {
                long kilobytes = LongStream.iterate(start, address -> address < vma.end, address -> address + PAGE)
                                .filter(address -> !absent.contains(address))
                                .count()
                        * (PAGE / 1024);
                text.append("Size:                  4 kB\nRss:        ")
                        .append(kilobytes)
                        .append(" kB\nAnonymous:     ")
                        .append(kilobytes)
                        .append(" kB\nSwap:         0 kB\nVmFlags: ")
                        .append(vma.kind.flags)
                        .append(" \n");
            }
        });
        return text.toString();
    }

    private long read(int number, long buffer, long byteSize) {
        if (!(files.get(number) instanceof Text file)) {
            return -Linux.EBADF();
        }
        int bytes = (int) Math.min(Math.min(byteSize, PAGE), file.bytes.length - file.position);
        MemorySegment target = MemorySegment.ofAddress(buffer).reinterpret(byteSize);
        MemorySegment.copy(file.bytes, file.position, target, ValueLayout.JAVA_BYTE, 0, bytes);
        file.position += bytes;
        return bytes;
    }

    /** What can be read at any time: the current {@code statm}, the entries of {@code pagemap}, the start of lists. */
    private long pread(int number, long buffer, long byteSize, long offset) {
        File file = files.get(number);
        if (file instanceof PageMap) {
            return memoryInUse() ? pagemap(buffer, byteSize, offset) : 0;
        }
        if (byteSize == 1) {
            return exited ? 0 : 1;
        }
        byte[] statm = ("100 " + residentPages() + " 0 0 0 0 0\n").getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(
                statm,
                0,
                MemorySegment.ofAddress(buffer).reinterpret(byteSize),
                ValueLayout.JAVA_BYTE,
                0,
                statm.length);
        return statm.length;
    }

    private long pagemap(long buffer, long wanted, long offset) {
        long byteSize = Math.min(wanted, pagemapPortion) & -Long.BYTES;
        MemorySegment entries = MemorySegment.ofAddress(buffer).reinterpret(byteSize);
        for (long i = 0; i < byteSize / Long.BYTES; i++) {
            long address = (offset / Long.BYTES + i) * PAGE;
            boolean present = vmaAt(address) != null && !absent.contains(address);
            entries.setAtIndex(ValueLayout.JAVA_LONG, i, present ? 1L << 63 | 1L << 56 : 0);
        }
        return byteSize;
    }

    private long residentPages() {
        long bytes = vmas.entrySet().stream()
                .mapToLong(vma -> vma.getValue().end - vma.getKey())
                .sum();
        return exited || released ? 0 : bytes / PAGE;
    }

    private boolean memoryInUse() {
        return sharedWithOthers || !exited;
    }

    private long pidfdSendSignal(int pidFd, int signal, long flags) {
        if ((flags & ~signalFlags) != 0) {
            return -Linux.EINVAL();
        }
        if (!(files.get(pidFd) instanceof PidFd)) {
            return -Linux.EBADF();
        }
        passedSignalFlags = flags;
        if (reaped) {
            return -Linux.ESRCH();
        }
        if (signal != 0) {
            signals.add(signal);
        }
        dying |= signal == Linux.SIGKILL();
        if ((signal == Linux.SIGTERM() && endsAtSigterm) || (signal == Linux.SIGKILL() && endsAtOnce)) {
            exit();
        }
        return 0;
    }

    private long processMrelease(int pidFd, long flags) {
        if ((flags & ~releaseFlags) != 0) {
            return -Linux.EINVAL();
        }
        if (!(files.get(pidFd) instanceof PidFd)) {
            return -Linux.EBADF();
        }
        passedReleaseFlags = flags;
        if (exited) {
            return -Linux.ESRCH();
        }
        if (!dying || sharedWithOthers || dumpsCore) {
            return -Linux.EINVAL();
        }
        released = true;
        return 0;
    }

    private long realTimeLimit(long address) {
        rlimit64.rlim_cur(MemorySegment.ofAddress(address).reinterpret(rlimit64.sizeof()), realTimeLimit);
        return 0;
    }

    private long schedSetscheduler(int newPolicy) {
        if (newPolicy == Linux.SCHED_FIFO() && !mayBeRealTime) {
            return -Linux.EPERM();
        }
        policy = newPolicy;
        return 0;
    }

    private long epollCtl(int epoll, int operation, int watched, long event) {
        if (!(files.get(epoll) instanceof Epoll events) || !(files.get(watched) instanceof PidFd)) {
            return -Linux.EBADF();
        }
        if (operation == Linux.EPOLL_CTL_DEL()) {
            return events.keys.remove(watched) == null ? -Linux.ENOENT() : 0;
        }
        MemorySegment added = MemorySegment.ofAddress(event).reinterpret(EVENT_BYTES);
        if (events.keys.containsKey(watched)) {
            return -Linux.EEXIST();
        }
        events.keys.put(watched, added.get(ValueLayout.JAVA_LONG_UNALIGNED, EVENT_KEY));
        notifyAll();
        return 0;
    }

    private long ppoll(long timeout) {
        MemorySegment limit = MemorySegment.ofAddress(timeout).reinterpret(2 * Long.BYTES);
        long left = limit.get(ValueLayout.JAVA_LONG, 0) * 1000
                + TimeUnit.NANOSECONDS.toMillis(limit.get(ValueLayout.JAVA_LONG, Long.BYTES));
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(left);
        try {
            while (!exited && left > 0) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            }
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
        }
        return exited ? 1 : 0;
    }

    private long epollPwait(int epoll, long buffer, int milliseconds) {
        if (!(files.get(epoll) instanceof Epoll events)) {
            return -Linux.EBADF();
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        while (!exited || events.keys.isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return 0;
            }
            try {
                wait(left);
            } catch (InterruptedException impossible) {
                throw new AssertionError(impossible);
            }
        }
        MemorySegment told = MemorySegment.ofAddress(buffer).reinterpret(EVENT_BYTES * events.keys.size());
        int count = 0;
        for (long key : events.keys.values()) {
            told.set(ValueLayout.JAVA_LONG_UNALIGNED, count++ * EVENT_BYTES + EVENT_KEY, key);
        }
        return count;
    }

    /** The process ends: whoever waits for it is told. */
    synchronized void exit() {
        exited = true;
        notifyAll();
    }

    private static String text(long address) {
        return MemorySegment.ofAddress(address).reinterpret(4096).getString(0);
    }

    private long processMadvise(int pidFd, long vector, long size, int advice, long flags) {
        if (size > 0) {
            beforeAdvice.run();
        }
        if (flags != 0 || size > IoVectors.MAX_RANGES) {
            return -Linux.EINVAL();
        }
        if (!(files.get(pidFd) instanceof PidFd)) {
            return -Linux.EBADF();
        }
        if (exited) {
            return -Linux.ESRCH();
        }
        MemorySegment ranges = MemorySegment.ofAddress(vector).reinterpret(size * iovec.sizeof());
        if (!addressesAreUserSpace(ranges, size)) {
            return -Linux.EFAULT();
        }
        if (!knownAdvice.contains(advice)) {
            return -Linux.EINVAL();
        }
        if (!permitted) {
            return -Linux.EPERM();
        }
        return adviseAll(ranges, size, advice);
    }

    private boolean addressesAreUserSpace(MemorySegment vector, long size) {
        for (long i = 0; i < size; i++) {
            if (Long.compareUnsigned(vector.get(ValueLayout.JAVA_LONG, i * 16), userSpaceEnd) >= 0) {
                return false;
            }
        }
        return true;
    }

    private long adviseAll(MemorySegment vector, long size, int advice) {
        long budget = IoVectors.maxBytes(PAGE);
        long done = 0;
        for (long i = 0; i < size; i++) {
            long address = vector.get(ValueLayout.JAVA_LONG, i * 16);
            long byteSize = Math.min(vector.get(ValueLayout.JAVA_LONG, i * 16 + 8), budget);
            int errno = advise(address, byteSize, advice);
            if (errno != 0) {
                return done == 0 || hidesProgress ? -errno : done;
            }
            done += byteSize;
            budget -= byteSize;
        }
        return partialResult.applyAsLong(done);
    }

    private int advise(long address, long byteSize, int advice) {
        if (address % PAGE != 0) {
            return Linux.EINVAL();
        }
        long end = address + byteSize;
        long position = address;
        boolean hole = false;
        while (position < end) {
            var at = vmaAt(position);
            if (at == null) {
                hole = true;
                Long next = vmas.higherKey(position);
                position = next == null ? end : Math.min(end, next);
                continue;
            }
            if (at.kind != Kind.PLAIN) {
                return Linux.EINVAL();
            }
            long to = Math.min(end, at.end);
            effects.add(new Effect(advice, position, to - position));
            position = to;
        }
        return hole ? Linux.ENOMEM() : 0;
    }

    private @Nullable Vma vmaAt(long address) {
        var entry = vmas.floorEntry(address);
        return entry == null || entry.getValue().end <= address ? null : entry.getValue();
    }

    /** What kind of memory is mapped at an address, null in a hole. */
    @Nullable
    Kind kindAt(long address) {
        Vma vma = vmaAt(address);
        return vma == null ? null : vma.kind;
    }
}
