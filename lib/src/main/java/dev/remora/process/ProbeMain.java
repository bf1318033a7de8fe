package dev.remora.process;

import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.OwnProcess;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A program that makes the calls it is given by name, and says what was answered, a line for each. A seccomp filter may end
 * it at any of them. No core file is left then, nor is a program given one: for that the limit is 1, not 0 ({@code core(5)});
 * where the hard limit is 0 already, a program still is.
 */
final class ProbeMain {

    private ProbeMain() {}

    public static void main(String[] names) throws IOException {
        Kernel kernel = LinuxKernel.instance();
        new OwnProcess(kernel).limit(OwnProcess.Resource.CORE_FILE, 1);
        try (var output = new FileOutputStream(FileDescriptor.out)) {
            output.write((Probing.READY + "\n").getBytes(StandardCharsets.US_ASCII));
            for (String name : names) {
                long answer = HarmlessCall.valueOf(name).answer(kernel);
                output.write((name + " " + answer + "\n").getBytes(StandardCharsets.US_ASCII));
            }
        }
    }
}
