package dev.remora.bench;

import java.io.IOException;
import org.openjdk.jmh.runner.RunnerException;

/** One of the ways to do the same thing. */
record Way(String name, Source source) {

    static final String C = "C";
    static final String REMORA = "Remora";

    /** Measures once more. */
    interface Source {
        Measurement measure() throws IOException, InterruptedException, RunnerException;
    }

    static Way inC(CProgram program, Object... arguments) {
        return inC(C, program, arguments);
    }

    static Way inC(String name, CProgram program, Object... arguments) {
        return new Way(name, () -> Measurement.ofTime(Measurement.median(program.measure(arguments))));
    }
}
