package dev.remora;

import dev.remora.addressspace.BuildId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the build id that the linker wrote into an ELF file of 64 bits: the note of type 3 by GNU. */
final class ElfNote {

    private static final int PROGRAM_HEADERS_AT = 32;
    private static final int PROGRAM_HEADER_SIZE_AT = 54;
    private static final int NOTE = 4;
    private static final int GNU_BUILD_ID = 3;

    private ElfNote() {}

    static Optional<BuildId> buildId(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            ByteBuffer file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
                    .order(ByteOrder.LITTLE_ENDIAN);
            int headers = (int) file.getLong(PROGRAM_HEADERS_AT);
            int size = file.getShort(PROGRAM_HEADER_SIZE_AT);
            int count = file.getShort(PROGRAM_HEADER_SIZE_AT + 2);
            for (int i = 0; i < count; i++) {
                int header = headers + i * size;
                if (file.getInt(header) == NOTE) {
                    int from = (int) file.getLong(header + 8);
                    Optional<BuildId> found = inNotes(file, from, from + (int) file.getLong(header + 32));
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
            return Optional.empty();
        }
    }

    private static Optional<BuildId> inNotes(ByteBuffer file, int from, int to) {
        for (int at = from; at + 12 <= to; ) {
            int nameSize = file.getInt(at);
            int contentSize = file.getInt(at + 4);
            int content = at + 12 + aligned(nameSize);
            if (file.getInt(at + 8) == GNU_BUILD_ID && nameSize == 4 && file.get(at + 12) == 'G') {
                byte[] bytes = new byte[contentSize];
                file.get(content, bytes);
                return Optional.of(BuildId.of(bytes));
            }
            at = content + aligned(contentSize);
        }
        return Optional.empty();
    }

    private static int aligned(int size) {
        return size + 3 & -4;
    }
}
