package dev.remora.support;

import dev.remora.RemoteMemory;
import dev.remora.sandbox.SandboxedProcess;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tries all that the library can do on the running kernel and prints a line for each: the feature, a tab, and {@code
 * works}, {@code unsupported: reason} or {@code not tried: reason}. The first line has the kernel's release. Ends with
 * status 1 when something {@code failed} in a way that none of these explains.
 *
 * <p>{@code .ci/guest-tests} runs it on several kernels and makes {@code docs/kernel-support.md} of what it prints. A
 * new feature is one more line in a class such as {@link AdviceFeatures}.
 */
public final class KernelSupport {

    private KernelSupport() {}

    private static Stream<Feature> features() {
        return Stream.of(
                        AdviceFeatures.all(),
                        LookingFeatures.all(),
                        CopyFeatures.all(),
                        FreezeFeatures.all(),
                        EndingFeatures.all(),
                        NumaFeatures.all())
                .flatMap(List::stream);
    }

    public static void main(String... none) {
        System.out.println("kernel\t" + System.getProperty("os.version"));
        System.exit(failures() > 0 ? 1 : 0);
    }

    private static long failures() {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            return features()
                    .map(feature -> printed(feature, feature.tried(child, memory)))
                    .filter(Answer.Failed.class::isInstance)
                    .count();
        }
    }

    private static Answer printed(Feature feature, Answer answer) {
        System.out.println(feature.name() + "\t" + answer);
        return answer;
    }
}
