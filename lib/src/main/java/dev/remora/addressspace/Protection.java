package dev.remora.addressspace;

/**
 * What a process may do with the pages of a mapping, as in {@code mmap(2)} and {@code mprotect(2)}.
 *
 * @param readable whether it may read them ({@code PROT_READ})
 * @param writable whether it may write them ({@code PROT_WRITE})
 * @param executable whether it may run code in them ({@code PROT_EXEC})
 */
public record Protection(boolean readable, boolean writable, boolean executable) {

    /** No access at all ({@code PROT_NONE}): address space that is only reserved, or a guard. */
    public static final Protection NONE = new Protection(false, false, false);

    /** Reading only. */
    public static final Protection READ = new Protection(true, false, false);

    /** Reading and writing. */
    public static final Protection READ_WRITE = new Protection(true, true, false);

    /** Reading and executing. */
    public static final Protection READ_EXECUTE = new Protection(true, false, true);

    /** {@return the protection as {@code /proc/PID/maps} writes it, for example {@code rw-}} */
    @Override
    public String toString() {
        return (readable ? "r" : "-") + (writable ? "w" : "-") + (executable ? "x" : "-");
    }
}
