package dev.remora.jvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/** Turns that compute: compiled code, its implicit checks, and the heap. */
final class TormentedLoops {

    private static final int LENGTH = 4096;
    private static final long CHECKSUM = sum(1, 20_000);

    private final Map<Long, Long> squares = new ConcurrentHashMap<>();
    private int depth;

    private static long sum(long seed, int rounds) {
        long value = seed;
        for (int i = 0; i < rounds; i++) {
            value = (value ^ (value >>> 29)) * 0x9e3779b97f4a7c15L + i;
        }
        return value;
    }

    void checksum(long unused) {
        for (int i = 0; i < 20; i++) {
            TormentedRole.same(CHECKSUM, sum(1, 20_000));
        }
        TormentedRole.rest();
    }

    /** Loops that are compiled to vector instructions. */
    void vector(long turn) {
        int[] some = new int[LENGTH];
        double[] halves = new double[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            some[i] = (int) turn + i;
            halves[i] = i * 0.5;
        }
        int whole = 0;
        for (int i = 0; i < LENGTH; i++) {
            whole += some[i] * 3;
        }
        double half = 0;
        for (int i = 0; i < LENGTH; i++) {
            half += halves[i];
        }
        TormentedRole.same((int) (3 * (LENGTH * turn + LENGTH * (LENGTH - 1L) / 2)), whole);
        TormentedRole.same(LENGTH * (LENGTH - 1L) * 0.25, half);
        TormentedRole.rest();
    }

    @SuppressWarnings("unchecked") // a copy of a class that takes texts
    void nullCheck(long unused) throws ReflectiveOperationException {
        ToIntFunction<String> length = (ToIntFunction<String>) TormentedLength.copy();
        int thrown = 0;
        for (int i = 0; i < 20; i++) {
            TormentedRole.same(4, length.applyAsInt("here"));
            try {
                TormentedRole.same("an exception", length.applyAsInt(null));
            } catch (NullPointerException expected) {
                thrown++;
            }
        }
        TormentedRole.same(20, thrown);
        TormentedRole.rest();
    }

    void overflow(long unused) throws InterruptedException {
        depth = 0;
        try {
            TormentedRole.same(-1L, deeper(0));
        } catch (StackOverflowError expected) {
            if (depth < 500) {
                throw expected;
            }
        }
        Thread.sleep(50);
    }

    private long deeper(long level) {
        depth++;
        return level < 0 ? level : deeper(level + 1) + 1;
    }

    void allocation(long turn) {
        List<List<Long>> lists = new ArrayList<>();
        for (long i = 0; i < 100; i++) {
            List<Long> list = new ArrayList<>();
            for (long j = 0; j < 1000; j++) {
                list.add(turn + i * j + 1000);
            }
            lists.add(list);
        }
        long sum =
                lists.stream().flatMap(List::stream).mapToLong(Long::longValue).sum();
        TormentedRole.same(100_000 * (turn + 1000) + 99 * 100 / 2 * (999L * 1000 / 2), sum);
        TormentedRole.rest();
    }

    void map(long turn) {
        squares.clear();
        IntStream.range(0, 2000).parallel().forEach(i -> squares.merge(i % 100L, turn + i, Long::sum));
        TormentedRole.same(100, squares.size());
        long sum = squares.values().stream().mapToLong(Long::longValue).sum();
        TormentedRole.same(2000 * turn + 1999L * 2000 / 2, sum);
        TormentedRole.rest();
    }
}
