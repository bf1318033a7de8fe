package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.process.Probing;
import dev.remora.procfs.HostFiles;
import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Finds out what this host, its settings and the rights of this process allow, and what each thing that is missing costs.
 *
 * {@snippet file="Examining.java" region="report"}
 */
@CheckReturnValue
public final class Doctor {

    private Doctor() {}

    /**
     * Looks at this host.
     *
     * <p>It changes nothing: it makes system calls with arguments with which they can do nothing, and reads {@code /proc}
     * and {@code /sys}. Where a seccomp filter is in force for this process, which might end it for a call, another Java
     * process is started to make these calls, and started again when it was ended. That takes some tenths of a second each.
     *
     * <p>Privileges: none. What cannot be seen without one, or without {@code /proc} or {@code /sys}, is {@link
     * Finding.Status#UNKNOWN}. Kernel: any. Source: {@code capabilities(7)}, {@code seccomp(2)}, {@code proc(5)}.
     *
     * @return what was found
     * @throws UnsupportedOperationException if this is not Linux on x86-64 or AArch64
     * @throws IllegalCallerException if Java denies native access; the message names the flag that grants it
     */
    public static HostReport report() {
        return report(LinuxKernel.instance(), System.getProperty("os.version"), Probing::inChildren);
    }

    /** The calls are made here unless a filter is in force, or may be. */
    static HostReport report(
            Kernel kernel,
            String osVersion,
            Function<Collection<HarmlessCall>, Map<HarmlessCall, OptionalLong>> elsewhere) {
        Optional<Caller> caller = Caller.current(kernel);
        boolean safe = caller.isPresent() && !caller.get().rights().filtered();
        var answers = safe ? Probing.here(kernel, CallFindings.calls()) : elsewhere.apply(CallFindings.calls());
        var files = new HostFiles(kernel);
        var release = new KernelRelease(osVersion);
        return new HostReport(
                osVersion,
                Stream.of(
                                new CallFindings(answers, release).all(),
                                new RightFindings(caller, files).all(),
                                new MemoryFindings(kernel, files).all(),
                                new ControlFindings(caller, files, release).all())
                        .flatMap(Function.identity())
                        .toList());
    }
}
