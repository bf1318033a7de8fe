package dev.remora.process;

import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.Kernel;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Makes calls that can do nothing, to see what is answered. What is not in the answers could not be asked. */
public final class Probing {

    static final String READY = "ready";
    private static final String ENDED = "ended ";

    /** 128 and SIGSYS, as Java has it. */
    static final String ENDED_BY_FILTER = ENDED + 159;

    /** It was ended here because it said nothing any more. */
    static final String SILENT = "silent";

    private static final int SECONDS_TO_START = 60;

    /** A filter may also end a single thread, and leave the rest of the program waiting. */
    private static final int SECONDS_TO_ANSWER = 10;

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

    /**
     * The same with a program that says what was answered, line by line, and last how it ended. A call that a filter ended it
     * for has no answer; of one that it ended at for another reason, nothing is known.
     */
    static Map<HarmlessCall, OptionalLong> by(
            Function<List<String>, List<String>> program, Collection<HarmlessCall> calls) {
        Map<HarmlessCall, OptionalLong> answers = new EnumMap<>(HarmlessCall.class);
        Deque<HarmlessCall> left = new ArrayDeque<>(calls);
        while (!left.isEmpty()) {
            List<String> lines = program.apply(left.stream().map(Enum::name).toList());
            if (!lines.contains(READY)) {
                return answers;
            }
            lines.forEach(line -> take(line, left, answers));
            HarmlessCall last = left.poll();
            if (last != null && (lines.contains(ENDED_BY_FILTER) || lines.contains(SILENT))) {
                answers.put(last, OptionalLong.empty());
            }
        }
        return answers;
    }

    /** What else the program may have said is none of it. */
    private static void take(String line, Deque<HarmlessCall> left, Map<HarmlessCall, OptionalLong> answers) {
        HarmlessCall next = left.peek();
        String answer = next == null ? "" : next.name() + " ";
        if (next != null
                && line.startsWith(answer)
                && line.substring(answer.length()).matches("-?[0-9]{1,18}")) {
            answers.put(left.remove(), OptionalLong.of(Long.parseLong(line.substring(answer.length()))));
        }
    }

    private static List<String> run(List<String> names) {
        try {
            Process child = JavaProgram.start(JavaProgram.line(ProbeMain.class, names.toArray(String[]::new)));
            try {
                return lastWords(child);
            } finally {
                child.destroyForcibly();
            }
        } catch (IOException | IllegalStateException notStarted) {
            return List.of();
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static List<String> lastWords(Process child) throws InterruptedException {
        BlockingQueue<String> lines = ProgramOutput.of(child, "remora-probe");
        List<String> said = new ArrayList<>();
        String line = lines.poll(SECONDS_TO_START, TimeUnit.SECONDS);
        while (line != null && !line.equals(ProgramOutput.END)) {
            said.add(line);
            line = lines.poll(SECONDS_TO_ANSWER, TimeUnit.SECONDS);
        }
        boolean silent = line == null || !child.waitFor(SECONDS_TO_ANSWER, TimeUnit.SECONDS);
        said.add(silent ? SILENT : ENDED + child.exitValue());
        return said;
    }
}
