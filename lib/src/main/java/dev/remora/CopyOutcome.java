package dev.remora;

import dev.remora.addressspace.ByteSize;
import java.util.List;

/**
 * What became of copying memory from or to a process: each byte that was asked for was copied, or lies in a range that is
 * named with the reason.
 *
 * {@snippet file="Copying.java" region="outcome"}
 */
public sealed interface CopyOutcome {

    /** {@return how many bytes were to be copied} */
    long requestedBytes();

    /** {@return what was not copied, in the order of the request} */
    List<UncopiedRange> uncopied();

    /** {@return how many bytes were copied} */
    default long copiedBytes() {
        return requestedBytes()
                - uncopied().stream().mapToLong(part -> part.range().byteSize()).sum();
    }

    /** {@return whether all was copied} */
    default boolean complete() {
        return this instanceof Complete;
    }

    /**
     * All was copied.
     *
     * @param requestedBytes how many bytes were to be copied
     */
    record Complete(long requestedBytes) implements CopyOutcome {

        @Override
        public List<UncopiedRange> uncopied() {
            return List.of();
        }

        /** {@return the number of bytes} */
        @Override
        public String toString() {
            return "copied " + ByteSize.format(requestedBytes);
        }
    }

    /**
     * Some ranges were not copied. Here, what was to come from them is as it was before; there, they are.
     *
     * @param requestedBytes how many bytes were to be copied
     * @param uncopied what was not copied, in the order of the request
     */
    record Partial(long requestedBytes, List<UncopiedRange> uncopied) implements CopyOutcome {

        /** Keeps a copy of the list. */
        public Partial {
            uncopied = List.copyOf(uncopied);
        }

        /** {@return a table of what was not copied} */
        @Override
        public String toString() {
            return table(this, "");
        }
    }

    /**
     * The process was gone before all was copied; or its main thread had ended, after which the kernel gives no access to its
     * memory by its number, although other threads may live on; or its memory was written through its file, and it has replaced
     * that memory ({@code execve(2)}). What was being copied when it went counts as not copied: its
     * bytes, if they were to come from there, are zero.
     *
     * @param requestedBytes how many bytes were to be copied
     * @param uncopied what was not copied, in the order of the request
     */
    record ProcessGone(long requestedBytes, List<UncopiedRange> uncopied) implements CopyOutcome {

        /** Keeps a copy of the list. */
        public ProcessGone {
            uncopied = List.copyOf(uncopied);
        }

        /** {@return a table of what was not copied} */
        @Override
        public String toString() {
            return table(this, "; then the process was gone");
        }
    }

    private static String table(CopyOutcome outcome, String remark) {
        String headline = "copied " + ByteSize.format(outcome.copiedBytes()) + " of "
                + ByteSize.format(outcome.requestedBytes()) + remark;
        return PartsTable.of(
                headline,
                outcome.uncopied(),
                UncopiedRange::range,
                part -> part.obstacle().explanation());
    }
}
