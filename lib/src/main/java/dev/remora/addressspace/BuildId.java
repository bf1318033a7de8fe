package dev.remora.addressspace;

import java.util.HexFormat;

/**
 * What identifies the build of a program or library: the linker writes it into the file ({@code --build-id}), and its debug
 * symbols are found by it.
 *
 * @param hexadecimal its bytes, two lower-case digits each, as {@code readelf -n} prints them
 */
public record BuildId(String hexadecimal) {

    /**
     * Creates a build id.
     *
     * @throws IllegalArgumentException if the text has no digits, or is not made of pairs of lower-case hexadecimal digits
     */
    public BuildId {
        if (!hexadecimal.matches("([0-9a-f]{2})+")) {
            throw new IllegalArgumentException(
                    "A build id is made of bytes, each with two lower-case hexadecimal digits," + " as in 5f3a09, and '"
                            + hexadecimal + "' is not");
        }
    }

    /**
     * {@return the build id of these bytes}
     *
     * @param bytes at least one
     * @throws IllegalArgumentException if there are none
     */
    public static BuildId of(byte[] bytes) {
        return new BuildId(HexFormat.of().formatHex(bytes));
    }

    /** {@return its hexadecimal digits} */
    @Override
    public String toString() {
        return hexadecimal;
    }
}
