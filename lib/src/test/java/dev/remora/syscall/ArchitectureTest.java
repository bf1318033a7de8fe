package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArchitectureTest {

    @Test
    void knowsTwoKindsOfLinux() {
        assertThat(Architecture.named("Linux", "amd64")).isEqualTo(Architecture.X86_64);
        assertThat(Architecture.named("Linux", "aarch64")).isEqualTo(Architecture.AARCH64);
        assertThat(Architecture.values()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mac OS X", "Windows 11", "FreeBSD", "AIX", "linux", ""})
    void anotherSystemIsToldToRunOnLinux(String system) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> Architecture.named(system, "amd64"))
                .withMessage("Remora calls the Linux kernel, and this is " + system
                        + ". Run it on Linux 5.10 or newer; a virtual machine or a container will do.");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> Architecture.named(system, "riscv64"))
                .withMessageContaining("this is " + system);
    }

    @ParameterizedTest
    @ValueSource(strings = {"i386", "arm", "riscv64", "ppc64le", "s390x", "loongarch64", "AMD64", ""})
    void anotherProcessorIsToldWhichOnesWork(String processor) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> Architecture.named("Linux", processor))
                .withMessage("Remora knows the system call tables of x86-64 (amd64) and AArch64, and this Java runs on "
                        + processor + ". Use a 64-bit Java on one of these two.");
    }

    @Test
    void thisMachineIsOneOfThem() {
        assertThat(Architecture.ofThisMachine())
                .isEqualTo(Architecture.named(System.getProperty("os.name"), System.getProperty("os.arch")));
    }

    @Test
    void userSpaceIsAsLargeAsAKernelCanMakeIt() {
        assertThat(Architecture.X86_64.userSpaceEnd()).isEqualTo(1L << 56);
        assertThat(Architecture.AARCH64.userSpaceEnd()).isEqualTo(1L << 52);
    }
}
