package dev.remora.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.openjdk.jmh.runner.RunnerException;

/** The same thing done in several ways, which take turns: what disturbs the machine disturbs all of them alike. */
final class Comparison {

    private final String name;
    private final List<Way> ways;
    private final Map<String, List<Measurement>> rounds = new LinkedHashMap<>();
    private OptionalDouble goal = OptionalDouble.empty();

    /** The ways begin with C, with which the others are compared. */
    Comparison(String name, List<Way> ways) {
        this.name = name;
        this.ways = ways;
        ways.forEach(way -> rounds.put(way.name(), new ArrayList<>()));
    }

    /** Sets how many times C's time Remora may take. */
    Comparison withGoal(double times) {
        goal = OptionalDouble.of(times);
        return this;
    }

    void round(int number) throws IOException, InterruptedException, RunnerException {
        for (Way way : number % 2 == 0 ? ways : ways.reversed()) {
            Measurement measurement = way.source().measure();
            rounds.get(way.name()).add(measurement);
            System.out.println(name + ", " + way.name() + ": " + Elapsed.format(measurement.nanoseconds()));
        }
    }

    String name() {
        return name;
    }

    OptionalDouble goal() {
        return goal;
    }

    List<String> ways() {
        return List.copyOf(rounds.keySet());
    }

    Measurement median(String way) {
        return Measurement.median(rounds.get(way));
    }

    /** How many times the median of C it takes. */
    double ratio(String way) {
        return median(way).nanoseconds() / median(Way.C).nanoseconds();
    }

    /** The same for each round by itself, in ascending order. */
    double[] ratios(String way) {
        List<Measurement> these = rounds.get(way);
        List<Measurement> those = rounds.get(Way.C);
        double[] ratios = new double[these.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = these.get(i).nanoseconds() / those.get(i).nanoseconds();
        }
        Arrays.sort(ratios);
        return ratios;
    }
}
