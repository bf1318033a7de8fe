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

/**
 * A kernel that has nothing but files, by their paths, and answers to other calls that a test scripts. What is above a file
 * is a directory.
 */
public final class ScriptedHost implements Kernel {

    private record Open(String path, Deque<byte[]> unread) {}

    private final TreeMap<String, String> files = new TreeMap<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private final Map<String, Runnable> events = new HashMap<>();
    private final Map<Long, Open> open = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private final Map<String, Integer> owners = new HashMap<>();
    private final Map<Integer, Long> answers = new HashMap<>();
    private long next = 100;

    public ScriptedHost() {}

    public ScriptedHost with(String path, String text) {
        files.put(path, text);
        return this;
    }

    public ScriptedHost without(String path) {
        files.keySet().removeIf(file -> file.equals(path) || file.startsWith(path + "/"));
        return this;
    }

    /** Lets the opening of a file or a directory fail. */
    public void fail(String path, int errno) {
        failures.put(path, errno);
    }

    /** Makes a symbolic link, which only shows where it leads to. */
    public ScriptedHost withLink(String path, String target) {
        links.put(path, target);
        return this;
    }

    public void withoutLink(String path) {
        links.remove(path);
    }

    /** Gives a file to a user; all others are those of root. */
    public ScriptedHost ownedBy(int user, String path) {
        owners.put(path, user);
        return this;
    }

    /** Answers a call that has nothing to do with files. */
    public ScriptedHost answer(Syscall call, long answer) {
        answers.put(call.number(), answer);
        return this;
    }

    /** Does something each time before a file or a directory is opened. */
    void before(String path, Runnable event) {
        events.put(path, event);
    }

    public int openFiles() {
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
        if (answers.containsKey(number)) {
            return answers.get(number);
        }
        if (number == Syscall.READLINKAT.number()) {
            return readLink(path(a0, memory(a1, 4096).getString(0)), memory(a2, a3));
        }
        if (number == Syscall.STATX.number()) {
            int owner = owners.getOrDefault(path(a0, memory(a1, 4096).getString(0)), 0);
            memory(a4, 256).set(ValueLayout.JAVA_INT, 20, owner);
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

    private String path(long directory, String name) {
        @Nullable Open parent = open.get(directory);
        return parent == null ? name : name.equals(".") ? parent.path() : parent.path() + "/" + name;
    }

    private long readLink(String path, MemorySegment buffer) {
        if (failures.containsKey(path)) {
            return -failures.get(path);
        }
        if (!links.containsKey(path)) {
            return -Linux.ENOENT();
        }
        byte[] target = links.get(path).getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(target, 0, buffer, ValueLayout.JAVA_BYTE, 0, target.length);
        return target.length;
    }

    private long open(long directory, String name) {
        String path = path(directory, name);
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
