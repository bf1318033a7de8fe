package dev.remora.process;

import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.Kernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/** Makes calls that can do nothing, to see what is answered. What is not in the answers could not be asked. */
public final class Probing {

    static final String READY = "ready";

    /** A filter may also end a single thread, and leave the rest of the program waiting. */
    private static final int SECONDS = 10;

    private Probing() {}

    /** Makes the calls here and now. Where a seccomp filter is in force, that may end this process. */
    public static Map<HarmlessCall, OptionalLong> here(Kernel kernel, Collection<HarmlessCall> calls) {
        Map<HarmlessCall, OptionalLong> answers = new EnumMap<>(HarmlessCall.class);
        calls.forEach(call -> answers.put(call, OptionalLong.of(call.answer(kernel))));
        return answers;
    }

    /** Has them made by a child, which has the same filter, and again by another one behind the call that ended it. */
    public static Map<HarmlessCall, OptionalLong> inChildren(Collection<HarmlessCall> calls) {
        return by(Probing::run, calls);
    }

    /** The same with a program that says what was answered, line by line. A call that ended it has no answer. */
    static Map<HarmlessCall, OptionalLong> by(
            Function<List<String>, List<String>> program, Collection<HarmlessCall> calls) {
        Map<HarmlessCall, OptionalLong> answers = new EnumMap<>(HarmlessCall.class);
        Deque<HarmlessCall> left = new ArrayDeque<>(calls);
        while (!left.isEmpty()) {
            List<String> lines = program.apply(left.stream().map(Enum::name).toList());
            if (!lines.contains(READY)) {
                return answers;
            }
            lines.stream().filter(line -> !line.equals(READY)).forEach(line -> {
                String[] words = line.split(" ", -1);
                answers.put(left.remove(), OptionalLong.of(Long.parseLong(words[1])));
            });
            if (!left.isEmpty()) {
                answers.put(left.remove(), OptionalLong.empty());
            }
        }
        return answers;
    }

    private static List<String> run(List<String> names) {
        try {
            Process child = JavaProgram.start(JavaProgram.line(ProbeMain.class, names.toArray(String[]::new)));
            CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS).execute(child::destroyForcibly);
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return Stream.of(said.split("\n", -1))
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException notStarted) {
            return List.of();
        }
    }
}
