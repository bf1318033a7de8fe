package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Asks for native access before anything depends on it, so that a refusal names the flag that grants it. */
final class NativeAccess {

    private static volatile boolean granted;
    private static volatile @Nullable String refusal;

    private NativeAccess() {}

    static void check() {
        if (!granted) {
            ask();
            granted = true;
        }
    }

    /** The generated bindings are a module of their own, and restricted as well; their refusal shows only once. */
    private static synchronized void ask() {
        try {
            if (refusal == null) {
                askForThisModule();
                var _ = Linux.EPERM();
            }
        } catch (IllegalCallerException denied) {
            refusal = denied.getMessage();
        } catch (ExceptionInInitializerError failure) {
            if (!(failure.getCause() instanceof IllegalCallerException denied)) {
                throw failure;
            }
            refusal = denied.getMessage();
        }
        if (refusal != null) {
            throw new IllegalCallerException(advice(NativeAccess.class.getModule()) + " (" + refusal + ")");
        }
    }

    @SuppressWarnings("restricted")
    private static void askForThisModule() {
        var linker = Linker.nativeLinker();
        var getpid = linker.defaultLookup().find("getpid").orElseThrow();
        var _ = linker.downcallHandle(getpid, FunctionDescriptor.ofVoid());
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
