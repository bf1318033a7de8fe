package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.util.Locale;

/** Asks for native access before anything depends on it, so that a refusal names the flag that grants it. */
final class NativeAccess {

    private static volatile boolean granted;

    private NativeAccess() {}

    static void check() {
        if (!granted) {
            ask();
            granted = true;
        }
    }

    /** The generated bindings are a module of their own, and restricted as well. */
    private static void ask() {
        try {
            askForThisModule();
            var _ = Linux.EPERM();
        } catch (IllegalCallerException denied) {
            throw refusal(denied);
        } catch (ExceptionInInitializerError failure) {
            if (failure.getCause() instanceof IllegalCallerException denied) {
                throw refusal(denied);
            }
            throw failure;
        }
    }

    @SuppressWarnings("restricted")
    private static void askForThisModule() {
        var linker = Linker.nativeLinker();
        var getpid = linker.defaultLookup().find("getpid").orElseThrow();
        var _ = linker.downcallHandle(getpid, FunctionDescriptor.ofVoid());
    }

    private static IllegalCallerException refusal(IllegalCallerException denied) {
        return new IllegalCallerException(advice(NativeAccess.class.getModule()), denied);
    }

    static String advice(Module module) {
        String modules = module.isNamed() ? "dev.remora,dev.remora.bindings" : "ALL-UNNAMED";
        return String.format(
                Locale.ROOT,
                "Remora calls libc's syscall(), and this Java does not let it: start java with"
                        + " --enable-native-access=%s",
                modules);
    }
}
