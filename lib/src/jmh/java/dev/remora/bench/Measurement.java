package dev.remora.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one operation took.
 *
 * @param nanoseconds of time
 * @param heapBytes of the Java heap; NaN where that was not measured
 */
record Measurement(double nanoseconds, double heapBytes) {

    static Measurement ofTime(double nanoseconds) {
        return new Measurement(nanoseconds, Double.NaN);
    }

    static Measurement median(List<Measurement> measurements) {
        return new Measurement(
                median(measurements, Measurement::nanoseconds), median(measurements, Measurement::heapBytes));
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double median(List<Measurement> measurements, ToDoubleFunction<Measurement> part) {
        return median(measurements.stream().mapToDouble(part).toArray());
    }
}
