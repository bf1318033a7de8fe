package dev.remora.procfs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The page size of this kernel, which is the same for every process: from the auxiliary vector ({@code getauxval(3)}).
 */
public final class PageSize {

    private static final long AT_PAGESZ = 6;

    private PageSize() {}

    public static long bytes() {
        return Held.BYTES;
    }

    private static final class Held {

        static final long BYTES = read();

        private static long read() {
            try (var auxv = Files.newInputStream(Path.of("/proc/self/auxv"))) {
                return find(ByteBuffer.wrap(auxv.readAllBytes())
                        .order(ByteOrder.nativeOrder())
                        .asLongBuffer());
            } catch (IOException failure) {
                throw new UncheckedIOException(
                        "Remora reads the page size from /proc/self/auxv: is /proc mounted?", failure);
            }
        }

        private static long find(LongBuffer pairs) {
            while (pairs.remaining() >= 2) {
                long key = pairs.get();
                long value = pairs.get();
                if (key == AT_PAGESZ) {
                    return value;
                }
            }
            throw new IllegalStateException("/proc/self/auxv does not name the page size");
        }
    }
}
