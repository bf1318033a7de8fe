package dev.remora.jvm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/** Turns that write a file, and read it again. */
final class TormentedFiles {

    private static final int BYTES = 64 << 10;

    void turn(long turn) throws IOException {
        byte[] bytes = new byte[BYTES];
        new Random(turn).nextBytes(bytes);
        Path file = Files.createTempFile("tormented", ".bytes");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            ByteBuffer written = ByteBuffer.wrap(bytes);
            while (written.hasRemaining()) {
                channel.write(written);
            }
            TormentedRole.same((long) BYTES, channel.size());
            ByteBuffer read = ByteBuffer.allocateDirect(BYTES);
            while (read.hasRemaining() && channel.read(read, read.position()) > 0) {
                /* A read may be short. */
            }
            TormentedRole.same(ByteBuffer.wrap(bytes), read.flip());
        }
        TormentedRole.rest();
    }
}
