package dev.remora.jvm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * The length of a text. The interpreter notices a missing text by SIGSEGV, but the compiler tests for it where it was
 * missing before: so every turn has a new copy of this class, which is not compiled yet.
 */
final class TormentedLength implements ToIntFunction<String> {

    private static final byte[] BYTES = bytes();

    private static byte[] bytes() {
        try (InputStream file = TormentedLength.class.getResourceAsStream("TormentedLength.class")) {
            return Objects.requireNonNull(file).readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static ToIntFunction<?> copy() throws ReflectiveOperationException {
        return (ToIntFunction<?>) MethodHandles.lookup()
                .defineHiddenClass(BYTES, false)
                .lookupClass()
                .getDeclaredConstructor()
                .newInstance();
    }

    @Override
    public int applyAsInt(String text) {
        return text.length();
    }
}
