package dev.remora.procfs;

import java.io.InputStream;
import java.util.Random;

/** Gives bytes out in small portions of random length, as the kernel gives them out in larger ones. */
final class Portions extends InputStream {

    private final byte[] bytes;
    private final int longest;
    private final Random random;
    private int position;

    Portions(byte[] bytes, int longest, long seed) {
        this.bytes = bytes;
        this.longest = longest;
        random = new Random(seed);
    }

    @Override
    public int read() {
        return position == bytes.length ? -1 : bytes[position++] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (position == bytes.length) {
            return -1;
        }
        int portion = Math.min(Math.min(length, bytes.length - position), 1 + random.nextInt(longest));
        System.arraycopy(bytes, position, target, offset, portion);
        position += portion;
        return portion;
    }
}
