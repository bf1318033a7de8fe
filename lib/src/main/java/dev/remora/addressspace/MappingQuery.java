package dev.remora.addressspace;

import java.util.StringJoiner;

/**
 * What a mapping must be to be an answer: any, or one that a process may write, execute or read, that is shared, that a
 * file is behind. An immutable value; each condition narrows it, and their order does not matter.
 *
 * {@snippet :
 * MappingQuery code = MappingQuery.any().executable().fileBacked();
 * code.matches(mapping);
 * }
 *
 * <p>These are the conditions that the kernel itself can look for (Linux 6.11, {@code PROCMAP_QUERY}).
 */
public final class MappingQuery {

    private static final MappingQuery ANY = new MappingQuery(false, false, false, false, false);

    private final boolean readable;
    private final boolean writable;
    private final boolean executable;
    private final boolean shared;
    private final boolean fileBacked;

    private MappingQuery(boolean readable, boolean writable, boolean executable, boolean shared, boolean fileBacked) {
        this.readable = readable;
        this.writable = writable;
        this.executable = executable;
        this.shared = shared;
        this.fileBacked = fileBacked;
    }

    /** {@return a query that every mapping answers} */
    public static MappingQuery any() {
        return ANY;
    }

    /** {@return the same, but only for what the process may read} */
    public MappingQuery readable() {
        return new MappingQuery(true, writable, executable, shared, fileBacked);
    }

    /** {@return the same, but only for what the process may write} */
    public MappingQuery writable() {
        return new MappingQuery(readable, true, executable, shared, fileBacked);
    }

    /** {@return the same, but only for what the process may execute} */
    public MappingQuery executable() {
        return new MappingQuery(readable, writable, true, shared, fileBacked);
    }

    /** {@return the same, but only for {@code MAP_SHARED} mappings} */
    public MappingQuery shared() {
        return new MappingQuery(readable, writable, executable, true, fileBacked);
    }

    /** {@return the same, but only for what a file is behind, as {@link Mapping#fileBacked()} has it} */
    public MappingQuery fileBacked() {
        return new MappingQuery(readable, writable, executable, shared, true);
    }

    /** {@return whether it asks for what the process may read} */
    public boolean asksForReadable() {
        return readable;
    }

    /** {@return whether it asks for what the process may write} */
    public boolean asksForWritable() {
        return writable;
    }

    /** {@return whether it asks for what the process may execute} */
    public boolean asksForExecutable() {
        return executable;
    }

    /** {@return whether it asks for shared mappings} */
    public boolean asksForShared() {
        return shared;
    }

    /** {@return whether it asks for what a file is behind} */
    public boolean asksForFileBacked() {
        return fileBacked;
    }

    /**
     * {@return whether a mapping is an answer}
     *
     * @param mapping the mapping
     */
    public boolean matches(Mapping mapping) {
        Protection protection = mapping.protection();
        return (!readable || protection.readable())
                && (!writable || protection.writable())
                && (!executable || protection.executable())
                && (!shared || mapping.shared())
                && (!fileBacked || mapping.fileBacked());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MappingQuery that
                && readable == that.readable
                && writable == that.writable
                && executable == that.executable
                && shared == that.shared
                && fileBacked == that.fileBacked;
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** {@return the conditions, for example {@code "writable, file-backed"}} */
    @Override
    public String toString() {
        var words = new StringJoiner(", ").setEmptyValue("any");
        add(words, readable, "readable");
        add(words, writable, "writable");
        add(words, executable, "executable");
        add(words, shared, "shared");
        add(words, fileBacked, "file-backed");
        return words.toString();
    }

    private static void add(StringJoiner words, boolean asked, String word) {
        if (asked) {
            words.add(word);
        }
    }
}
