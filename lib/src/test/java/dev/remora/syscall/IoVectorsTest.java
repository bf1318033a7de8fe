package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.bindings.iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IoVectorsTest {

    @AutoClose
    private final Arena arena = Arena.ofConfined();

    private final IoVectors vectors = new IoVectors(arena, IoVectors.MAX_RANGES);

    @Test
    void liesInMemoryAsTheKernelReadsIt() {
        for (int i = 0; i < IoVectors.MAX_RANGES; i++) {
            vectors.add(address(i), byteSize(i));
        }
        assertThat(vectors.size()).isEqualTo(1024);
        var array = memory(1024);
        for (int i = 0; i < IoVectors.MAX_RANGES; i++) {
            var element = iovec.asSlice(array, i);
            assertThat(iovec.iov_base(element).address()).isEqualTo(address(i));
            assertThat(iovec.iov_len(element)).isEqualTo(byteSize(i));
        }
    }

    @Test
    void baseComesBeforeLength() {
        vectors.add(1, 2);
        vectors.add(3, 4);
        assertThat(memory(2).toArray(ValueLayout.JAVA_LONG)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void isUsedAgainOnceCleared() {
        vectors.add(1, 2);
        vectors.add(3, 4);
        long before = vectors.address();
        vectors.clear();
        assertThat(vectors.size()).isZero();
        vectors.add(5, 6);
        assertThat(vectors.size()).isEqualTo(1);
        assertThat(vectors.address()).isEqualTo(before);
        assertThat(memory(1).toArray(ValueLayout.JAVA_LONG)).containsExactly(5, 6);
    }

    @Test
    void neverWritesBehindItsEnd() {
        var one = new IoVectors(arena, 1);
        one.add(1, 2);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> one.add(3, 4));
    }

    @ParameterizedTest
    @CsvSource({"4096, 0x7ffff000", "16384, 0x7fffc000", "65536, 0x7fff0000"})
    void oneCallTakesAlmostTwoGibibytes(long pageSize, String most) {
        assertThat(IoVectors.maxBytes(pageSize)).isEqualTo(Long.decode(most));
    }

    @SuppressWarnings("restricted")
    private MemorySegment memory(int ranges) {
        return MemorySegment.ofAddress(vectors.address()).reinterpret(ranges * iovec.sizeof());
    }

    private static long address(int index) {
        return 0x7f12_0000_0000L + index * 0x1_0000_0000L;
    }

    private static long byteSize(int index) {
        return index == 0 ? Long.MAX_VALUE : index * 4096L;
    }
}
