package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.bindings.Linux;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The processes of a cgroup with one below it, where either may vanish or be threaded. */
final class CgroupDirectoryTest {

    private static final String GROUP = "/group";
    private static final String BELOW = "below";
    private static final String PROCESSES = "cgroup.procs";

    /** What each path says when it is read; a path ends with its file's name. */
    private final Map<String, String> texts =
            new HashMap<>(Map.of(GROUP + "/" + PROCESSES, "11\n12\n", GROUP + "/below/" + PROCESSES, "13\n"));

    /** What goes wrong when a path is opened, or read. */
    private final Map<String, Integer> notOpened = new HashMap<>();

    private final Map<String, Integer> notRead = new HashMap<>();
    private final Map<Integer, String> open = new TreeMap<>();
    private int nextFile = 3;

    private final Kernel kernel = (number, a0, a1, a2, _, _, _) -> {
        if (number == Syscall.OPENAT.number()) {
            return open((int) a0, MemorySegment.ofAddress(a1).reinterpret(4096).getString(0));
        }
        if (number == Syscall.READ.number()) {
            return read((int) a0, MemorySegment.ofAddress(a1).reinterpret(a2));
        }
        if (number == Syscall.GETDENTS64.number()) {
            return list((int) a0, MemorySegment.ofAddress(a1).reinterpret(a2));
        }
        assertThat(number).isEqualTo(Syscall.CLOSE.number());
        open.remove((int) a0);
        return 0;
    };

    private long open(int directory, String name) {
        String path = name.startsWith("/") ? name : open.get(directory) + "/" + name;
        if (notOpened.containsKey(path)) {
            return -notOpened.get(path);
        }
        open.put(nextFile, path);
        return nextFile++;
    }

    private long read(int file, MemorySegment buffer) {
        String path = open.get(file);
        if (notRead.containsKey(path)) {
            return -notRead.get(path);
        }
        byte[] text = texts.getOrDefault(path, "").getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(text, 0, buffer, ValueLayout.JAVA_BYTE, 0, text.length);
        open.put(file, "the end of it");
        return text.length;
    }

    private long list(int directory, MemorySegment buffer) {
        if (!(GROUP + "/.").equals(open.get(directory))) {
            return 0;
        }
        open.put(directory, "the end of it");
        int length = 32;
        buffer.set(ValueLayout.JAVA_SHORT, 16, (short) length);
        buffer.set(ValueLayout.JAVA_BYTE, 18, (byte) 4);
        buffer.setString(19, BELOW);
        return length;
    }

    private final CgroupDirectory group = CgroupDirectory.open(kernel, GROUP);

    @AfterEach
    void nothingIsLeftOpen() {
        group.close();
        assertThat(open).isEmpty();
    }

    @Test
    void listsTheProcessesOfAllGroups() {
        assertThat(group.processes()).isEqualTo(List.of(11, 12, 13));
    }

    @Test
    void aGroupBelowThatVanishesHasNoProcesses() {
        notOpened.put(GROUP + "/below", Linux.ENOENT());
        assertThat(group.processes()).isEqualTo(List.of(11, 12));
        notOpened.clear();
        notRead.put(GROUP + "/below/" + PROCESSES, Linux.ENODEV());
        assertThat(group.processes()).isEqualTo(List.of(11, 12));
    }

    @Test
    void theThreadsOfAThreadedGroupBelowBelongToProcessesThatAreListed() {
        notRead.put(GROUP + "/below/" + PROCESSES, Linux.EOPNOTSUPP());
        assertThat(group.processes()).isEqualTo(List.of(11, 12));
    }

    @Test
    void aGroupThatVanishesOnceItWasListedHasNoProcesses() {
        assertThat(group.processes()).hasSize(3);
        notRead.put(GROUP + "/" + PROCESSES, Linux.ENODEV());
        assertThat(group.processes()).isEmpty();
        notOpened.put(GROUP + "/" + PROCESSES, Linux.ENOENT());
        assertThat(group.processes()).isEmpty();
    }

    @Test
    void whatCouldNeverBeListedIsNoGroup() {
        notOpened.put(GROUP + "/" + PROCESSES, Linux.ENOENT());
        assertThatThrownBy(group::processes).isInstanceOf(ErrnoException.class).hasMessageContaining("ENOENT");
        notOpened.clear();
        notRead.put(GROUP + "/" + PROCESSES, Linux.EOPNOTSUPP());
        assertThatThrownBy(group::processes).isInstanceOf(ErrnoException.class).hasMessageContaining("EOPNOTSUPP");
    }

    @Test
    void otherErrorsBelowAreNotSwallowed() {
        notOpened.put(GROUP + "/below/" + PROCESSES, Linux.EMFILE());
        assertThatThrownBy(group::processes).isInstanceOf(ErrnoException.class).hasMessageContaining("EMFILE");
    }
}
