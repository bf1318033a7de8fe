package dev.remora.bindings;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A C file that only compiles when the constants and layouts of the generated classes are those of a C header. */
record CSource(List<String> lines) {
    static CSource including(String header) {
        return new CSource(List.of("#include <stddef.h>", "#include \"" + header + "\""));
    }

    static CSource includingOnly(List<String> systemHeaders) {
        return new CSource(
                systemHeaders.stream().map(header -> "#include " + header).toList());
    }

    CSource assertConstant(String name, Number value) {
        return value instanceof Long
                ? assertConstant(name, "unsigned long", value)
                : assertConstant(name, "unsigned int", value);
    }

    /** Compares bits and width: Java shows an unsigned C value as a signed number of the same width. */
    private CSource assertConstant(String name, String type, Number value) {
        String bits = value instanceof Long ? "0x%xUL".formatted(value) : "0x%xU".formatted(value);
        return with("_Static_assert(sizeof(%2$s) == sizeof(%1$s) && (%1$s) (%2$s) == %3$s, \"%2$s is not %4$s\");"
                .formatted(type, name, bits, value));
    }

    CSource assertLayout(String typeInC, GroupLayout layout) {
        return with(assertEquals("sizeof(%s)".formatted(typeInC), layout.byteSize()))
                .with(fields(layout, "", 0)
                        .flatMap(field -> field.assertions(typeInC))
                        .toArray(String[]::new));
    }

    String text() {
        return lines.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    private CSource with(String... more) {
        return new CSource(Stream.concat(lines.stream(), Stream.of(more)).toList());
    }

    private static String assertEquals(String expression, long value) {
        return "_Static_assert(%1$s == %2$s, \"%1$s is not %2$s\");".formatted(expression, value);
    }

    private record Field(String path, long offset, long byteSize) {
        /** Undefines the name first, because {@code si_pid} and its like are macros for a path as well as fields. */
        Stream<String> assertions(String typeInC) {
            return Stream.of(
                    "#undef " + path.substring(path.lastIndexOf('.') + 1),
                    assertEquals("offsetof(%s, %s)".formatted(typeInC, path), offset),
                    assertEquals("sizeof(((%s *) 0)->%s)".formatted(typeInC, path), byteSize));
        }
    }

    private static Stream<Field> fields(GroupLayout group, String prefix, long start) {
        List<Field> fields = new ArrayList<>();
        long offset = start;
        for (MemoryLayout member : group.memberLayouts()) {
            fields.addAll(fields(member, prefix, offset));
            offset += group instanceof StructLayout ? member.byteSize() : 0;
        }
        return fields.stream();
    }

    private static List<Field> fields(MemoryLayout member, String prefix, long offset) {
        if (member instanceof PaddingLayout) {
            return List.of();
        }
        String name = member.name().orElseThrow();
        if (isAnonymous(name)) {
            return fields((GroupLayout) member, prefix, offset).toList();
        }
        return namedFields(member, prefix + name, offset);
    }

    private static List<Field> namedFields(MemoryLayout member, String path, long offset) {
        Stream<Field> field = Stream.of(new Field(path, offset, member.byteSize()));
        Stream<Field> inner = member instanceof GroupLayout group ? fields(group, path + ".", offset) : Stream.of();
        return Stream.concat(field, inner).toList();
    }

    /** In C the members of an anonymous struct or union are members of the one around it. */
    private static boolean isAnonymous(String name) {
        return name.startsWith("$anon$");
    }
}
