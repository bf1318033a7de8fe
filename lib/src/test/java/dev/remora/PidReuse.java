package dev.remora;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ends a process at every step of opening and using it, and gives its number to a stranger at once. Runs in a pid
 * namespace of its own, in which nobody else takes numbers, and prints how often that succeeded and what came of it.
 */
final class PidReuse {

    /** The calls that opening, advising and listing consist of, and how often each of them is made at least. */
    private static final Map<Syscall, Integer> LOOKING_AFTER = Map.of(
            Syscall.PIDFD_OPEN, 1,
            Syscall.OPENAT, 4,
            Syscall.READ, 6,
            Syscall.PPOLL, 1,
            Syscall.PREAD64, 2,
            Syscall.PROCESS_MADVISE, 1);

    /** The same for opening and ending; some signals and releases are tried without a process. */
    private static final Map<Syscall, Integer> ENDING = Map.of(
            Syscall.PIDFD_OPEN, 1,
            Syscall.OPENAT, 4,
            Syscall.READ, 2,
            Syscall.PPOLL, 1,
            Syscall.PREAD64, 1,
            Syscall.SCHED_SETSCHEDULER, 1,
            Syscall.PIDFD_SEND_SIGNAL, 3,
            Syscall.PROCESS_MRELEASE, 3);

    /** The same for opening, finding pages and moving them. */
    private static final Map<Syscall, Integer> MOVING = Map.of(
            Syscall.PIDFD_OPEN, 1,
            Syscall.OPENAT, 4,
            Syscall.PPOLL, 4,
            Syscall.MOVE_PAGES, 2,
            Syscall.MIGRATE_PAGES, 1);

    /** The same for opening, and making it call mbind; from its first stop on, the number is its own. */
    private static final Map<Syscall, Integer> PLACING = Map.of(
            Syscall.PIDFD_OPEN, 1,
            Syscall.OPENAT, 12,
            Syscall.READ, 12,
            Syscall.PTRACE, 1);

    /** The same for opening and reading. */
    private static final Map<Syscall, Integer> READING = Map.of(
            Syscall.PIDFD_OPEN, 1,
            Syscall.OPENAT, 3,
            Syscall.PPOLL, 3,
            Syscall.PROCESS_VM_READV, 1);

    /** The same for opening and writing; from the first trace on, the number is held. */
    private static final Map<Syscall, Integer> WRITING = Map.of(
            Syscall.PIDFD_OPEN, 1,
            Syscall.OPENAT, 6,
            Syscall.PTRACE, 1,
            Syscall.PROCESS_VM_WRITEV, 1);

    /** The same for opening, and freezing it by a tracer or by a signal. */
    private static final Map<Syscall, Integer> FREEZING = Map.of(
            Syscall.PIDFD_OPEN, 1,
            Syscall.OPENAT, 8,
            Syscall.READ, 6,
            Syscall.PPOLL, 2,
            Syscall.PTRACE, 1,
            Syscall.PIDFD_SEND_SIGNAL, 2);

    private static final Path LAST_NUMBER = Path.of("/proc/sys/kernel/ns_last_pid");

    private static final NodeSet HERE = NodeSet.of(0);

    private final Map<String, Integer> results = new TreeMap<>();

    public static void main(String[] arguments) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.parseInt(arguments[0]));
        boolean freezing = arguments.length > 1;
        var storm = new PidReuse();
        do {
            storm.playRound(freezing);
        } while (System.nanoTime() < end);
        storm.results.forEach((result, count) -> System.out.println(count + " " + result));
    }

    private void playRound(boolean freezing) throws IOException {
        if (freezing) {
            playAll(FREEZING, PidReuse::freeze);
            return;
        }
        playAll(LOOKING_AFTER, PidReuse::lookAfter);
        playAll(ENDING, PidReuse::end);
        playAll(MOVING, PidReuse::move);
        playAll(PLACING, PidReuse::place);
        playAll(READING, PidReuse::read);
        playAll(WRITING, PidReuse::write);
    }

    /** A process that is nobody's child here, because a child of this JVM would not be traced. */
    private record Victim(Process shell, long pid) {

        static Victim start() throws IOException {
            Process shell = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; wait").start();
            return new Victim(shell, Long.parseLong(shell.inputReader().readLine()));
        }

        /** Returns false if it is still held, by who traces it. */
        boolean end() {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            try {
                return shell.waitFor(1, TimeUnit.SECONDS);
            } catch (InterruptedException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    /** A kernel that swaps the processes before one of the calls. */
    private static final class Swapping implements Kernel {
        private final Kernel real = LinuxKernel.instance();
        private final Syscall step;
        private final Victim victim;
        private int callsLeft;
        private boolean reached;
        private @Nullable Process stranger;

        Swapping(Syscall step, int nth, Victim victim) {
            this.step = step;
            this.victim = victim;
            callsLeft = nth;
        }

        @Override
        public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
            if (number == step.number() && --callsLeft == 0) {
                reached = true;
                stranger = replace(victim);
            }
            return real.call(number, a0, a1, a2, a3, a4, a5);
        }
    }

    private interface Act {
        String result(RemoteMemory memory, Swapping kernel);
    }

    private void playAll(Map<Syscall, Integer> steps, Act act) throws IOException {
        for (Map.Entry<Syscall, Integer> step : steps.entrySet()) {
            for (int nth = 1; nth <= step.getValue(); nth++) {
                play(step.getKey(), nth, act);
            }
        }
    }

    private void play(Syscall step, int nth, Act act) throws IOException {
        Victim victim = Victim.start();
        var kernel = new Swapping(step, nth, victim);
        try {
            String result = open(victim.pid(), kernel, act);
            if (!kernel.reached) {
                count("WRONG not reached: " + step + " number " + nth);
            } else {
                count(kernel.stranger == null ? "number not free, or taken by a thread of this JVM meanwhile" : result);
            }
        } finally {
            boolean _ = victim.end();
            if (kernel.stranger != null) {
                end(kernel.stranger);
            }
        }
    }

    private void count(String result) {
        results.merge(result, 1, Integer::sum);
    }

    private static String open(long pid, Swapping kernel, Act act) {
        try (RemoteMemory memory = RemoteMemory.open(pid, kernel)) {
            if (kernel.stranger != null) {
                return kernel.step == Syscall.PIDFD_OPEN ? "OK opened after the number was given away" : "WRONG opened";
            }
            return act.result(memory, kernel);
        } catch (NoSuchProcessException gone) {
            return "OK gone";
        }
    }

    private static String lookAfter(RemoteMemory memory, Swapping kernel) {
        AdviceOutcome outcome = memory.mappings().writable().markCold();
        boolean swappedMidway = kernel.stranger != null;
        boolean ofStranger = memory.addressSpace().stream().map(Mapping::name).anyMatch(name -> name.contains("tail"));
        boolean adviceForBoth = swappedMidway && !(outcome instanceof AdviceOutcome.ProcessGone);
        return ofStranger || adviceForBoth ? "WRONG " + outcome.getClass() : "OK";
    }

    private static String move(RemoteMemory memory, Swapping kernel) {
        MappingSelection all = memory.mappings().writable();
        MoveOutcome moved = all.moveTo(HERE);
        if (kernel.stranger != null && !(moved instanceof MoveOutcome.ProcessGone)) {
            return "WRONG " + moved;
        }
        MigrationOutcome migrated = memory.migrate(HERE, HERE);
        if (kernel.stranger != null && !(migrated instanceof MigrationOutcome.ProcessGone)) {
            return "WRONG " + migrated;
        }
        PageLocations where = all.nodes();
        return kernel.stranger == null ? "OK" : "WRONG " + where;
    }

    private static String read(RemoteMemory memory, Swapping kernel) {
        List<MemoryRange> ranges = writable(memory);
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) bytes(ranges)]);
        CopyOutcome outcome = memory.read(ranges, bytes);
        return kernel.stranger == null || outcome instanceof CopyOutcome.ProcessGone ? "OK" : "WRONG " + outcome;
    }

    /** Writes back what is there, so that the victim lives on. */
    private static String write(RemoteMemory memory, Swapping kernel) {
        List<MemoryRange> ranges = writable(memory);
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) bytes(ranges)]);
        if (memory.read(ranges, bytes) instanceof CopyOutcome.ProcessGone) {
            return "OK gone before";
        }
        boolean before = kernel.stranger != null;
        CopyOutcome outcome = memory.write(ranges, bytes);
        boolean wrong = kernel.stranger != null && !(outcome instanceof CopyOutcome.ProcessGone);
        return before || wrong ? "WRONG " + outcome : "OK";
    }

    private static List<MemoryRange> writable(RemoteMemory memory) {
        return memory.mappings().writable().matching().stream()
                .map(Mapping::range)
                .toList();
    }

    private static long bytes(List<MemoryRange> ranges) {
        return ranges.stream().mapToLong(MemoryRange::byteSize).sum();
    }

    private static String place(RemoteMemory memory, Swapping kernel) {
        PlacementOutcome outcome = memory.mappings().writable().place(MemoryPolicy.bind(HERE), Mechanism.INJECTED);
        if (kernel.stranger == null) {
            return "OK";
        }
        for (int i = 0; i < 100 && !lives(kernel.stranger); i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        if (!lives(kernel.stranger)) {
            return "WRONG stopped or killed the stranger at " + kernel.step + ": " + stat(kernel.stranger);
        }
        boolean done = outcome instanceof PlacementOutcome.ProcessGone
                || outcome instanceof PlacementOutcome.NothingSelected
                || outcome instanceof PlacementOutcome.Complete;
        return done && !policiesOf(kernel.stranger).contains("bind") ? "OK" : "WRONG " + outcome;
    }

    /** Where the process is swapped for the signal, nothing was done by the tracer before. */
    private static String freeze(RemoteMemory memory, Swapping kernel) {
        for (FreezeMethod method : List.of(FreezeMethod.PTRACE, FreezeMethod.SIGSTOP)) {
            boolean before = kernel.stranger != null;
            FrozenOutcome<Long> outcome = memory.whileFrozen(Duration.ofSeconds(20), method, RemoteMemory::pid);
            if (before && !(outcome instanceof FrozenOutcome.ProcessGone)) {
                return "WRONG " + outcome;
            }
        }
        if (kernel.stranger == null) {
            return "OK";
        }
        for (int i = 0; i < 100 && !lives(kernel.stranger); i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return lives(kernel.stranger)
                ? "OK frozen"
                : "WRONG stopped or killed the stranger at " + kernel.step + ": " + stat(kernel.stranger);
    }

    private static String policiesOf(Process process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/numa_maps"));
        } catch (IOException gone) {
            return "bind, as nobody can tell";
        }
    }

    private static String end(RemoteMemory memory, Swapping kernel) {
        ReleaseOutcome outcome = memory.killAndRelease();
        if (kernel.stranger != null && !lives(kernel.stranger)) {
            return "WRONG killed the stranger at " + kernel.step + ": " + stat(kernel.stranger) + outcome;
        }
        boolean endedByItself = outcome instanceof ReleaseOutcome.ReleasedByExit;
        return endedByItself && outcome.figures().residentBytesAfter() == 0 ? "OK ended" : "WRONG " + outcome;
    }

    /**
     * Java may take the former process of this number for this one, and hold it for ended; it would even close its pipes,
     * which ends a tail.
     */
    private static boolean lives(Process stranger) {
        return stat(stranger).matches("(?s)\\d+ \\([^)]*\\) [RSD] .*");
    }

    private static String stat(Process process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        } catch (IOException gone) {
            return "gone";
        }
    }

    /** Null where the number is still held, or a new thread of this JVM was faster, which keeps it. */
    private static @Nullable Process replace(Victim victim) {
        if (!victim.end()) {
            return null;
        }
        try {
            for (int attempt = 0; attempt < 20; attempt++) {
                Files.writeString(LAST_NUMBER, Long.toString(victim.pid() - 1));
                Process stranger = new ProcessBuilder("tail", "-f", "/dev/null")
                        .redirectOutput(Redirect.DISCARD)
                        .start();
                if (stranger.pid() == victim.pid()) {
                    return stranger;
                }
                end(stranger);
            }
            return null;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void end(Process process) {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
