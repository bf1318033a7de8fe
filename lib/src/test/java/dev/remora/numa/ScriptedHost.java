package dev.remora.numa;

import dev.remora.bindings.Linux;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A kernel that has nothing but files, by their paths. What is above a file is a directory. */
final class ScriptedHost implements Kernel {

    private record Open(String path, Deque<byte[]> unread) {}

    private final TreeMap<String, String> files = new TreeMap<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private final Map<String, Runnable> events = new HashMap<>();
    private final Map<Long, Open> open = new HashMap<>();
    private long next = 100;

    ScriptedHost with(String path, String text) {
        files.put(path, text);
        return this;
    }

    ScriptedHost without(String path) {
        files.keySet().removeIf(file -> file.equals(path) || file.startsWith(path + "/"));
        return this;
    }

    /** Lets the opening of a file or a directory fail. */
    void fail(String path, int errno) {
        failures.put(path, errno);
    }

    /** Does something each time before a file or a directory is opened. */
    void before(String path, Runnable event) {
        events.put(path, event);
    }

    int openFiles() {
        return open.size();
    }

    @Override
    public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        if (number == Syscall.OPENAT.number()) {
            return open(a0, memory(a1, 4096).getString(0));
        }
        if (number == Syscall.CLOSE.number()) {
            open.remove(a0);
            return 0;
        }
        @Nullable Open file = open.get(a0);
        if (file == null) {
            return -Linux.EBADF();
        }
        if (number == Syscall.READ.number() || number == Syscall.GETDENTS64.number()) {
            return next(file, a1, a2);
        }
        throw new AssertionError("unexpected system call " + number);
    }

    private long open(long directory, String name) {
        @Nullable Open parent = open.get(directory);
        String path = parent == null ? name : name.equals(".") ? parent.path() : parent.path() + "/" + name;
        events.getOrDefault(path, () -> {}).run();
        if (failures.containsKey(path)) {
            return -failures.get(path);
        }
        var unread = new ArrayDeque<byte[]>();
        if (files.containsKey(path)) {
            unread.add(files.get(path).getBytes(StandardCharsets.UTF_8));
        } else {
            var names = new TreeSet<String>();
            files.keySet().stream()
                    .filter(file -> file.startsWith(path + "/"))
                    .map(file -> file.substring(path.length() + 1).split("/", -1)[0])
                    .forEach(names::add);
            if (names.isEmpty()) {
                return -Linux.ENOENT();
            }
            names.forEach(entry -> unread.add(entry(entry)));
        }
        open.put(next, new Open(path, unread));
        return next++;
    }

    /** As in {@code struct linux_dirent64}: its length at 16, its type at 18, its name from 19 on. */
    private static byte[] entry(String name) {
        byte[] entry = new byte[(27 + name.length()) & -8];
        MemorySegment.ofArray(entry).set(ValueLayout.JAVA_SHORT_UNALIGNED, 16, (short) entry.length);
        entry[18] = 4;
        MemorySegment.ofArray(entry).setString(19, name);
        return entry;
    }

    private static long next(Open file, long address, long byteSize) {
        byte @Nullable [] part = file.unread().poll();
        if (part == null) {
            return 0;
        }
        int length = (int) Math.min(part.length, byteSize);
        MemorySegment.copy(part, 0, memory(address, byteSize), ValueLayout.JAVA_BYTE, 0, length);
        if (length < part.length) {
            file.unread().addFirst(Arrays.copyOfRange(part, length, part.length));
        }
        return length;
    }

    @SuppressWarnings("restricted")
    private static MemorySegment memory(long address, long byteSize) {
        return MemorySegment.ofAddress(address).reinterpret(byteSize);
    }
}
