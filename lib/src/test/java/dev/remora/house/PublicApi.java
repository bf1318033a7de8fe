package dev.remora.house;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** The types that other modules see, with all that these declare for others. */
final class PublicApi {

    private static final Set<Class<?>> UNSPOKEN = Set.of(Object.class, Enum.class, Record.class);

    private PublicApi() {}

    /** {@return one line per type and per member, each beginning with the name of the type} */
    static SortedSet<String> lines() throws IOException {
        SortedSet<String> lines = new TreeSet<>();
        for (Class<?> type : types()) {
            signatures(type).forEach(line -> lines.add(type.getName() + ": " + plain(type, line)));
        }
        return lines;
    }

    static List<Class<?>> types() throws IOException {
        try (Stream<Path> files = Files.walk(House.location(House.LIBRARY))) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .<Class<?>>map(PublicApi::type)
                    .filter(PublicApi::contains)
                    .toList();
        }
    }

    static boolean contains(Class<?> type) {
        return isForOthers(type.getModifiers())
                && type.getModule().isExported(type.getPackageName())
                && (type.getEnclosingClass() == null || contains(type.getEnclosingClass()));
    }

    private static boolean isForOthers(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static Class<?> type(String file) {
        String path = House.location(House.LIBRARY).relativize(Path.of(file)).toString();
        String name = path.substring(0, path.lastIndexOf('.')).replace('/', '.');
        try {
            return Class.forName(name, false, PublicApi.class.getClassLoader());
        } catch (ClassNotFoundException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static Stream<String> signatures(Class<?> type) {
        return Stream.of(
                        Stream.of(header(type)),
                        members(type.getDeclaredFields(), Field::toGenericString),
                        members(type.getDeclaredConstructors(), Executable::toGenericString),
                        members(type.getDeclaredMethods(), Executable::toGenericString))
                .flatMap(signatures -> signatures);
    }

    private static String header(Class<?> type) {
        return type.toGenericString()
                + (type.isRecord() ? list(type.getRecordComponents(), PublicApi::component, "(", ")") : "")
                + (extendsSomething(type)
                        ? " extends " + type.getGenericSuperclass().getTypeName()
                        : "")
                + types(" implements ", type.getGenericInterfaces())
                + (type.isSealed() ? types(" permits ", type.getPermittedSubclasses()) : "");
    }

    private static boolean extendsSomething(Class<?> type) {
        return type.getSuperclass() != null && !UNSPOKEN.contains(type.getSuperclass());
    }

    private static String component(RecordComponent component) {
        return component.getGenericType().getTypeName() + " " + component.getName();
    }

    private static String types(String word, Type[] types) {
        return types.length == 0 ? "" : list(types, Type::getTypeName, word, "");
    }

    private static <T> String list(T[] items, Function<T, String> text, String before, String after) {
        return Arrays.stream(items).map(text).collect(joining(", ", before, after));
    }

    private static <T extends Member> Stream<String> members(T[] members, Function<T, String> signature) {
        return Arrays.stream(members)
                .filter(member -> isForOthers(member.getModifiers()) && !member.isSynthetic())
                .map(signature);
    }

    private static String plain(Class<?> type, String signature) {
        return signature.replace(type.getName() + ".", "").replaceAll("\\b([a-z]\\w*\\.)+(?=[A-Z])", "");
    }
}
