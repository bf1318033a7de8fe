package dev.remora.sandbox;

import dev.remora.procfs.PageSize;
import dev.remora.syscall.Architecture;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryMaps;
import dev.remora.syscall.OwnProcess;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * The child's side of {@link SandboxedProcess}: confines itself, says that it is ready, and obeys until its input ends.
 *
 * <p>Arguments: the number of the parent, the limit on its address space in bytes.
 */
final class SandboxMain {

    static final int READY = 0x52;
    static final int DONE = 0;
    static final int FAILED = 1;

    private static final int PATTERN_BYTES = 1 << 20;

    private final MemoryMaps maps = new MemoryMaps(LinuxKernel.instance(), PageSize.bytes());
    private final MemorySegment pattern = randomPattern();
    private final MemorySegment scratch = Arena.global().allocate(PATTERN_BYTES);

    private SandboxMain() {}

    public static void main(String[] arguments) throws IOException {
        int parent = Integer.parseInt(arguments[0]);
        long addressSpace = Long.parseLong(arguments[1]);
        var output = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
        var input = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        var child = new SandboxMain();
        child.rehearse();
        confine(parent, addressSpace);
        output.writeByte(READY);
        output.flush();
        child.obey(input, output);
    }

    private static void confine(int parent, long addressSpace) {
        var process = new OwnProcess(LinuxKernel.instance());
        process.dieWithParent();
        if (process.parentPid() != parent) {
            Runtime.getRuntime().halt(1);
        }
        process.limit(OwnProcess.Resource.ADDRESS_SPACE, addressSpace);
        process.limit(OwnProcess.Resource.FILE_SIZE, addressSpace);
        process.limit(OwnProcess.Resource.CORE_FILE, 0);
        process.limit(OwnProcess.Resource.OPEN_FILES, 256);
        process.renouncePrivileges();
        SandboxRules.of(Architecture.ofThisMachine(), process.pid()).install(LinuxKernel.instance());
    }

    /** Loads, before the doors close, the code that the first commands need. */
    private void rehearse() {
        long address = maps.map(PageSize.bytes(), MemoryMaps.Kind.PRIVATE_ANONYMOUS);
        maps.write(address, PageSize.bytes(), pattern);
        maps.unmap(address, PageSize.bytes());
    }

    /** Pages that differ and do not compress, as real ones: swap on compressed RAM keeps equal pages for nothing. */
    private static MemorySegment randomPattern() {
        MemorySegment pattern = Arena.global().allocate(PATTERN_BYTES, Long.BYTES);
        var random = new SplittableRandom(1);
        for (long i = 0; i < PATTERN_BYTES; i += Long.BYTES) {
            pattern.set(ValueLayout.JAVA_LONG, i, random.nextLong());
        }
        return pattern;
    }

    private void obey(DataInputStream input, DataOutputStream output) throws IOException {
        while (true) {
            int wire = input.read();
            if (wire < 0) {
                return;
            }
            try {
                long result = run(Command.of(wire), input);
                output.writeByte(DONE);
                output.writeLong(result);
            } catch (ErrnoException failure) {
                output.writeByte(FAILED);
                output.writeInt(failure.errno());
                output.writeUTF(failure.getMessage());
            }
            output.flush();
        }
    }

    private long run(Command command, DataInputStream input) throws IOException {
        long address = input.readLong();
        long byteSize = input.readLong();
        String text = input.readUTF();
        switch (command) {
            case MAP -> address = maps.map(byteSize, MemoryMaps.Kind.PRIVATE_ANONYMOUS);
            case MAP_SHARED -> address = maps.map(byteSize, MemoryMaps.Kind.SHARED_ANONYMOUS);
            case MAP_HUGETLB -> address = maps.map(byteSize, MemoryMaps.Kind.HUGETLB);
            case MAP_MEMFD -> address = maps.mapMemfd(text, byteSize);
            case MAP_FILE -> address = maps.mapFile(Path.of(text), byteSize);
            case UNMAP -> maps.unmap(address, byteSize);
            case PROTECT ->
                maps.protect(address, byteSize, text.charAt(0) == 'r', text.charAt(1) == 'w', text.charAt(2) == 'x');
            case LOCK -> maps.lock(address, byteSize);
            case UNLOCK -> maps.unlock(address, byteSize);
            case WRITE -> maps.write(address, byteSize, pattern);
            case READ -> maps.read(address, byteSize, scratch);
        }
        return address;
    }
}
