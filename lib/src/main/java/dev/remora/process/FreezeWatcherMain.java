package dev.remora.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.OpenFiles;
import dev.remora.syscall.OwnProcess;
import dev.remora.syscall.PidFds;
import dev.remora.syscall.Signal;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A program that is told what to undo, a line for each, and undoes all that it was not told to forget when its input or its
 * parent ends: then whoever told it has ended. It holds the process or the file from the beginning, so that it never reaches
 * another one.
 */
final class FreezeWatcherMain {

    static final String SIGNAL = "signal";
    static final String WRITE = "write";
    static final String FORGET = "forget";
    static final String READY = "ready";
    static final String REFUSED = "refused";

    private static final int NUMBER = 0;
    private static final int WHAT = 1;
    private static final int OF_WHAT = 2;
    private static final int TEXT = 3;

    private final Kernel kernel;

    @GuardedBy("this")
    private final Map<String, Remedy> remedies = new LinkedHashMap<>();

    /** What is taken from then on, nobody would undo. */
    @GuardedBy("this")
    private boolean over;

    FreezeWatcherMain(Kernel kernel) {
        this.kernel = kernel;
    }

    /** What undoes one freeze, and holds a file until it is let go of. */
    private record Remedy(Runnable action, Runnable release) {}

    /** Takes the number of its parent. */
    public static void main(String[] arguments) throws IOException {
        Kernel kernel = LinuxKernel.instance();
        var watcher = new FreezeWatcherMain(kernel);
        new OwnProcess(kernel).startGroup();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("remora-undo").unstarted(watcher::undoAll));
        endWith(Integer.parseInt(arguments[0]), kernel);
        var input = new BufferedReader(
                new InputStreamReader(new FileInputStream(FileDescriptor.in), StandardCharsets.US_ASCII));
        try (var output = new FileOutputStream(FileDescriptor.out)) {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                output.write(watcher.answer(line).getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    /** Its input does not end with its parent, if other children of that one have got the other end as well. */
    private static void endWith(int parent, Kernel kernel) {
        try {
            PidFd process = PidFd.open(kernel, parent);
            Thread _ = Thread.ofPlatform().name("remora-parent").daemon().start(() -> {
                while (!PidFds.exited(kernel, process.descriptor(), Integer.MAX_VALUE)) {}
                System.exit(0);
            });
        } catch (ErrnoException withoutPidFds) {
            // Then its input has to tell.
        }
        if (new OwnProcess(kernel).parentPid() != parent) {
            System.exit(0);
        }
    }

    /** What is said to a line; nothing if it asks to forget. */
    synchronized String answer(String line) {
        String[] words = line.split(" ", -1);
        if (over) {
            return REFUSED + " " + words[NUMBER] + "\n";
        }
        try {
            switch (words[WHAT]) {
                case SIGNAL -> remedies.put(words[NUMBER], signal(Integer.parseInt(words[OF_WHAT])));
                case WRITE -> remedies.put(words[NUMBER], write(path(words[OF_WHAT]), words[TEXT]));
                default -> {
                    forget(words[NUMBER]);
                    return "";
                }
            }
            return READY + " " + words[NUMBER] + "\n";
        } catch (ErrnoException failure) {
            return REFUSED + " " + words[NUMBER] + " " + failure.errno() + "\n";
        }
    }

    private static String path(String encoded) {
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    }

    private Remedy signal(int pid) {
        PidFd process = PidFd.open(kernel, pid);
        try {
            process.send(Signal.NONE);
        } catch (RuntimeException | Error mayNotSignal) {
            process.close();
            throw mayNotSignal;
        }
        return new Remedy(() -> process.send(Signal.CONT), process::close);
    }

    private Remedy write(String path, String text) {
        int slash = path.lastIndexOf('/');
        try (Descriptor directory = OpenFiles.directory(kernel, path.substring(0, slash))) {
            Descriptor file = OpenFiles.forWriting(kernel, directory, path.substring(slash + 1), path);
            return new Remedy(
                    () -> ErrnoException.check(OpenFiles.write(kernel, file, text), "write", path), file::close);
        }
    }

    @GuardedBy("this")
    private void forget(String number) {
        Remedy remedy = remedies.remove(number);
        if (remedy != null) {
            remedy.release().run();
        }
    }

    /** Whoever is gone needs it no more. */
    synchronized void undoAll() {
        over = true;
        for (Remedy remedy : remedies.values()) {
            try {
                remedy.action().run();
            } catch (ErrnoException gone) {
                // The others are still to be undone.
            }
        }
        remedies.clear();
    }
}
