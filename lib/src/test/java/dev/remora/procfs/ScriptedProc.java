package dev.remora.procfs;

import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** A kernel that has one process, whose every file reads the same. */
final class ScriptedProc implements Kernel {

    private final InputStream text;
    private int open;

    /** Whether the memory that the files tell of is still there after they were read. */
    boolean whole;

    ScriptedProc(String text) {
        this.text = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        whole = !text.isEmpty();
    }

    static Layout layout(String maps) {
        try (var process = ProcDirectory.open(new ScriptedProc(maps), 4711)) {
            return Layout.read(process);
        }
    }

    int open() {
        return open;
    }

    @Override
    public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        if (number == Syscall.OPENAT.number()) {
            return 100L + open++;
        }
        if (number == Syscall.CLOSE.number()) {
            open--;
            return 0;
        }
        if (number == Syscall.READ.number()) {
            return read(a1, a2);
        }
        if (number == Syscall.PREAD64.number()) {
            return whole ? 1 : 0;
        }
        throw new AssertionError("unexpected system call " + number);
    }

    @SuppressWarnings("restricted")
    private long read(long address, long byteSize) {
        try {
            byte[] portion = text.readNBytes((int) Math.min(byteSize, 4096));
            MemorySegment.copy(
                    portion,
                    0,
                    MemorySegment.ofAddress(address).reinterpret(byteSize),
                    ValueLayout.JAVA_BYTE,
                    0,
                    portion.length);
            return portion.length;
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
