package dev.remora.jvm;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A JVM that notices what is done to it: threads that compute, allocate, wait and read, and check each result. Prints
 * {@code ready ADDRESS BYTES}, 64 pages that may be placed; when its input ends, {@code ROLE TURNS WRONG} for each role,
 * and exits with 0 if nothing was wrong, else with 1. What was wrong is said on standard error.
 */
public final class TormentedJvm {

    private static final long PAGE = 4096;
    private static final long PLACED_BYTES = 64 * PAGE;

    private TormentedJvm() {}

    /** Without arguments all roles run, else those that are named. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        MemorySegment placed = Arena.global().allocate(PLACED_BYTES, PAGE);
        List<TormentedRole> roles = chosen(List.of(arguments), placed);
        roles.forEach(TormentedRole::start);
        for (TormentedRole role : roles) {
            role.awaitFirstTurn();
        }
        System.out.println("ready %x %d".formatted(placed.address(), PLACED_BYTES));
        while (System.in.read() >= 0) {
            /* Only the end of the input matters. */
        }
        boolean wrong = false;
        for (TormentedRole role : roles) {
            wrong |= !role.endsWell();
            System.out.println(role);
        }
        Runtime.getRuntime().halt(wrong ? 1 : 0);
    }

    private static List<TormentedRole> chosen(List<String> names, MemorySegment placed) throws IOException {
        List<TormentedRole> all = List.of(
                new TormentedRole("checksum", new TormentedLoops()::checksum),
                new TormentedRole("vector", new TormentedLoops()::vector),
                new TormentedRole("null-check", new TormentedLoops()::nullCheck),
                new TormentedRole("overflow", new TormentedLoops()::overflow),
                new TormentedRole("allocation", new TormentedLoops()::allocation),
                new TormentedRole("map", new TormentedLoops()::map),
                new TormentedRole("sleep", new TormentedWaits()::sleep),
                new TormentedRole("park", new TormentedWaits()::park),
                new TormentedRole("monitor", new TormentedWaits()::monitor),
                new TormentedRole("queue", new TormentedWaits()::queue),
                new TormentedRole("virtual-threads", new TormentedWaits()::virtualThreads),
                new TormentedRole("file", new TormentedFiles()::turn),
                new TormentedRole("socket", new TormentedSockets(0)::turn),
                new TormentedRole("socket-timeout", new TormentedSockets(20)::turn),
                new TormentedRole("placed", turn -> rewrite(placed, turn)));
        List<TormentedRole> chosen = all.stream()
                .filter(role -> names.isEmpty() || names.contains(role.name()))
                .toList();
        if (chosen.isEmpty() || (!names.isEmpty() && chosen.size() != names.size())) {
            throw new IllegalArgumentException("Not all of " + names + " are roles");
        }
        return chosen;
    }

    private static void rewrite(MemorySegment placed, long turn) {
        for (long at = 0; at < PLACED_BYTES; at += Long.BYTES) {
            TormentedRole.same(turn, placed.get(ValueLayout.JAVA_LONG, at));
            placed.set(ValueLayout.JAVA_LONG, at, turn + 1);
        }
        TormentedRole.rest();
    }
}
