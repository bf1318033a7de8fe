package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

final class NativeAccessTest {

    @Test
    void onTheModulePathTheAdviceNamesBothModules() {
        assertThat(NativeAccess.advice(Object.class.getModule()))
                .isEqualTo("Remora calls libc's syscall(), and this Java does not let it:"
                        + " start java with --enable-native-access=dev.remora,dev.remora.bindings");
    }

    @Test
    void onTheClassPathTheAdviceNamesTheUnnamedModule() {
        assertThat(NativeAccess.advice(ClassLoader.getSystemClassLoader().getUnnamedModule()))
                .isEqualTo("Remora calls libc's syscall(), and this Java does not let it:"
                        + " start java with --enable-native-access=ALL-UNNAMED");
    }

    @Test
    void whereItIsGrantedNothingIsRefused() {
        assertThatCode(NativeAccess::check).doesNotThrowAnyException();
        assertThatCode(NativeAccess::check).doesNotThrowAnyException();
    }
}
