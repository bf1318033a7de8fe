package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.remora.bindings.Linux;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DescriptorTest {

    private final List<Long> closed = new ArrayList<>();
    private final Kernel kernel = (number, a0, _, _, _, _, _) -> {
        assertThat(number).isEqualTo(Syscall.CLOSE.number());
        closed.add(a0);
        return 0;
    };
    private final Descriptor descriptor = new Descriptor(kernel, 42);

    @Test
    void closesOnce() {
        assertThat(closed).isEmpty();
        descriptor.close();
        descriptor.close();
        assertThat(closed).containsExactly(42L);
    }

    @Test
    void hasNoNumberOnceClosed() {
        assertThat(descriptor.number()).isEqualTo(42);
        descriptor.close();
        assertThatIllegalStateException().isThrownBy(descriptor::number);
    }

    @Test
    void aFailureToCloseIsNobodysConcern() {
        new Descriptor((_, _, _, _, _, _, _) -> -Linux.EINTR(), 42).close();
    }

    @Test
    void isMadeFromTheResultOfACall() {
        assertThat(Descriptor.of(kernel, 7, "openat", "/proc").number()).isEqualTo(7);
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Descriptor.of(kernel, -Linux.EMFILE(), "openat", "/proc"))
                .withMessage("openat(/proc): EMFILE, too many open files in this process");
    }
}
