package dev.remora.bindings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.GroupLayout;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A generated class with the header and the symbol list it comes from. */
enum HeaderClass {
    LINUX(Linux.class, "linux.symbols", "linux_api.h", "kernel_newer.h"),
    SYSCALLS_X86_64(SyscallsX86_64.class, "syscalls-x86_64.symbols", "syscalls_x86_64.h", "syscalls_newer.h"),
    SYSCALLS_AARCH64(SyscallsAarch64.class, "syscalls-aarch64.symbols", "syscalls_aarch64.h", "syscalls_newer.h");

    private static final Pattern SYSTEM_INCLUDE = Pattern.compile("#include (<.+>)");

    private final Class<?> generated;
    private final String symbolList;
    private final String header;
    private final String includedHeader;

    HeaderClass(Class<?> generated, String symbolList, String header, String includedHeader) {
        this.generated = generated;
        this.symbolList = symbolList;
        this.header = header;
        this.includedHeader = includedHeader;
    }

    String header() {
        return header;
    }

    SymbolList symbols() throws IOException {
        return SymbolList.read(symbolList);
    }

    /** {@return the system's headers that ours include, in order} */
    List<String> systemHeaders() {
        return Stream.of(header, includedHeader)
                .map(HeaderClass::text)
                .flatMap(text -> SYSTEM_INCLUDE.matcher(text).results())
                .map(match -> match.group(1))
                .distinct()
                .toList();
    }

    Number value(String constant) {
        return (Number) call(generated, constant);
    }

    static GroupLayout layout(String type) {
        return (GroupLayout) call(generatedType(type), "layout");
    }

    private static Class<?> generatedType(String name) {
        try {
            return Class.forName(HeaderClass.class.getPackageName() + "." + name);
        } catch (ClassNotFoundException missing) {
            throw new AssertionError("listed but not generated: " + name, missing);
        }
    }

    private static Object call(Class<?> generated, String name) {
        try {
            return generated.getMethod(name).invoke(null);
        } catch (ReflectiveOperationException missing) {
            throw new AssertionError("listed but not generated: " + generated.getSimpleName() + "." + name, missing);
        }
    }

    private static String text(String header) {
        try {
            return Files.readString(BindingsDirectory.HEADERS.resolve(header));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
