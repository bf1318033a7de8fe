package dev.remora.bench;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** A JMH benchmark method, each time in a JVM of its own. */
final class Forked implements Way.Source {

    private static final double UNDISTURBED = 10;
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private final Class<?> benchmark;
    private final String method;
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private String target = "";
    private boolean singleShots;

    Forked(Class<?> benchmark, String method) {
        this.benchmark = benchmark;
        this.method = method;
    }

    Forked with(String parameter, Object value) {
        parameters.put(parameter, value.toString());
        return this;
    }

    Forked on(Target running) {
        target = running.place().option();
        return this;
    }

    /** For what takes long: each operation is measured by itself. */
    Forked inSingleShots() {
        singleShots = true;
        return this;
    }

    @Override
    public Measurement measure() throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + benchmark.getName() + "\\." + method + "$")
                .forks(1)
                .timeUnit(TimeUnit.NANOSECONDS)
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
        parameters.forEach(options::param);
        if (!target.isEmpty()) {
            options.jvmArgsAppend(target);
        }
        if (singleShots) {
            options.mode(Mode.SingleShotTime).warmupIterations(1).measurementIterations(2);
        } else {
            options.mode(Mode.SampleTime)
                    .warmupIterations(4)
                    .warmupTime(TimeValue.milliseconds(500))
                    .measurementIterations(4)
                    .measurementTime(TimeValue.milliseconds(500));
        }
        // As measure.h: a sample in which another process had the CPU does not count.
        Collection<RunResult> results = new Runner(options.build()).run();
        RunResult result = results.iterator().next();
        return new Measurement(
                result.getPrimaryResult().getStatistics().getPercentile(singleShots ? 50 : UNDISTURBED),
                result.getSecondaryResults().get(ALLOCATED).getScore());
    }
}
