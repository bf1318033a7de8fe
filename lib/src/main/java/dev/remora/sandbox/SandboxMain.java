package dev.remora.sandbox;

import dev.remora.syscall.Architecture;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryMaps;
import dev.remora.syscall.OwnProcess;
import dev.remora.syscall.PageSize;
import dev.remora.syscall.WriteTracking;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The child's side of {@link SandboxedProcess}: confines itself, says that it is ready, and obeys until its input ends.
 *
 * <p>Arguments: the number of the parent, and the most bytes that commands may have mapped.
 */
final class SandboxMain {

    static final int READY = 'R';
    static final int DONE = 'D';
    static final int FAILED = 'F';
    static final int REFUSED = 'N';
    static final int BROKEN = 'B';

    /** What the JVM may come to need after it has started, and what mappings take for a moment to be aligned. */
    private static final long ROOM_FOR_JVM = 1L << 30;

    private final long pageSize = PageSize.of(LinuxKernel.instance());
    private final OwnProcess process = new OwnProcess(LinuxKernel.instance());
    private final MemoryMaps maps = new MemoryMaps(LinuxKernel.instance());
    private final long most;
    private final ChildMemory memory;
    private @Nullable WriteTracking tracking;

    private SandboxMain(long addressSpace) {
        most = Math.max(addressSpace, pageSize);
        memory = new ChildMemory(maps, pageSize, most);
    }

    public static void main(String[] arguments) throws IOException {
        int parent = Integer.parseInt(arguments[0]);
        long addressSpace = Long.parseLong(arguments[1]);
        new SandboxMain(addressSpace).run(parent);
    }

    private void run(int parent) throws IOException {
        var output = new DataOutputStream(new BufferedOutputStream(answers()));
        var input = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        rehearse();
        confine(parent);
        output.writeByte(READY);
        output.flush();
        obey(input, output);
    }

    /** A way of its own to the reader of standard output, where the JVM might print, too. */
    private FileOutputStream answers() throws IOException {
        var answers = new FileOutputStream("/proc/self/fd/1");
        process.redirectOutputToError();
        return answers;
    }

    private void confine(int parent) throws IOException {
        process.dieWithParent();
        if (process.parentPid() != parent) {
            Runtime.getRuntime().halt(1);
        }
        process.limit(OwnProcess.Resource.ADDRESS_SPACE, Math.addExact(most, ownBytes() + ROOM_FOR_JVM));
        process.limit(OwnProcess.Resource.FILE_SIZE, most);
        process.limit(OwnProcess.Resource.CORE_FILE, 0);
        process.limit(OwnProcess.Resource.OPEN_FILES, 256);
        process.renouncePrivileges();
        SandboxRules.of(Architecture.ofThisMachine(), process.pid()).install(LinuxKernel.instance());
    }

    /** The first number of {@code statm} is the address space in pages. */
    private long ownBytes() throws IOException {
        String pages = Files.readString(Path.of("/proc/self/statm"));
        return Long.parseLong(pages.substring(0, pages.indexOf(' '))) * pageSize;
    }

    /** Loads, before the doors close, the code that the first commands need. */
    private void rehearse() {
        long address = memory.map(pageSize, at -> maps.map(at, pageSize, MemoryMaps.Kind.PRIVATE_ANONYMOUS));
        memory.write(address, pageSize);
        memory.unmap(address, pageSize);
    }

    private void obey(DataInputStream input, DataOutputStream output) throws IOException {
        while (true) {
            int wire = input.read();
            if (wire < 0) {
                return;
            }
            answer(Command.of(wire), input, output);
            output.flush();
        }
    }

    private void answer(Command command, DataInputStream input, DataOutputStream output) throws IOException {
        long address = input.readLong();
        long byteSize = input.readLong();
        String text = input.readUTF();
        try {
            long result = run(command, address, byteSize, text);
            output.writeByte(DONE);
            output.writeLong(result);
        } catch (ErrnoException failure) {
            output.writeByte(FAILED);
            output.writeInt(failure.errno());
            output.writeUTF(failure.getMessage());
        } catch (IllegalArgumentException refusal) {
            output.writeByte(REFUSED);
            output.writeUTF(refusal.getMessage());
        } catch (RuntimeException | Error broken) {
            output.writeByte(BROKEN);
            output.writeUTF(broken.toString());
        }
    }

    /** Kept open, since the tracking ends with it. */
    private WriteTracking tracking() {
        WriteTracking known = tracking;
        if (known == null) {
            known = WriteTracking.open(LinuxKernel.instance());
            tracking = known;
        }
        return known;
    }

    private long run(Command command, long address, long byteSize, String text) {
        switch (command) {
            case MAP -> {
                return memory.map(byteSize, at -> maps.map(at, byteSize, MemoryMaps.Kind.PRIVATE_ANONYMOUS));
            }
            case MAP_SHARED -> {
                return memory.map(byteSize, at -> maps.map(at, byteSize, MemoryMaps.Kind.SHARED_ANONYMOUS));
            }
            case MAP_HUGETLB -> {
                long hugePage = Long.parseLong(text);
                return memory.map(byteSize, hugePage, at -> maps.map(at, byteSize, MemoryMaps.Kind.HUGETLB));
            }
            case MAP_MEMFD -> {
                return memory.map(byteSize, at -> maps.mapMemfd(at, byteSize, text));
            }
            case MAP_FILE -> {
                return memory.map(byteSize, at -> maps.mapFile(at, byteSize, text));
            }
            case UNMAP -> memory.unmap(address, byteSize);
            case PROTECT -> memory.protect(address, byteSize, text);
            case LOCK -> memory.lock(address, byteSize);
            case UNLOCK -> memory.unlock(address, byteSize);
            case WRITE -> memory.write(address, byteSize);
            case READ -> memory.read(address, byteSize);
            case TRACK -> memory.track(address, byteSize, tracking());
        }
        return address;
    }
}
