package dev.remora;

import dev.remora.addressspace.Mapping;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Ends a process at every step of opening and advising it, and gives its number to a stranger at once. Runs in a pid
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

    private static final Path LAST_NUMBER = Path.of("/proc/sys/kernel/ns_last_pid");

    private final Map<String, Integer> results = new TreeMap<>();

    public static void main(String[] arguments) throws IOException {
        int rounds = Integer.parseInt(arguments[0]);
        var storm = new PidReuse();
        for (int round = 0; round < rounds; round++) {
            storm.playAll(LOOKING_AFTER, PidReuse::lookAfter);
            storm.playAll(ENDING, PidReuse::end);
        }
        storm.results.forEach((result, count) -> System.out.println(count + " " + result));
    }

    /** A kernel that swaps the processes before one of the calls. */
    private static final class Swapping implements Kernel {
        private final Kernel real = LinuxKernel.instance();
        private final Syscall step;
        private final Process victim;
        private int callsLeft;
        private boolean reached;
        private @Nullable Process stranger;

        Swapping(Syscall step, int nth, Process victim) {
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
        Process victim = new ProcessBuilder("sleep", "1000").start();
        var kernel = new Swapping(step, nth, victim);
        try {
            String result = open(victim.pid(), kernel, act);
            if (!kernel.reached) {
                count("WRONG not reached: " + step + " number " + nth);
            } else {
                count(kernel.stranger == null ? "number taken by a thread of this JVM meanwhile" : result);
            }
        } finally {
            end(victim);
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

    /** Null where a new thread of this JVM was faster, which keeps the number. */
    private static @Nullable Process replace(Process victim) {
        end(victim);
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
