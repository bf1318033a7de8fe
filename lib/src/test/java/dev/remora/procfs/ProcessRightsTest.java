package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ProcessRightsTest {

    private static final String STATUS = """
        Name:\tcat
        Uid:\t1000\t1001\t1002\t4294967295
        Gid:\t100\t101\t102\t103
        CapPrm:\t000001ffffffffff
        CapEff:\t0000000000800020
        Seccomp:\t2
        """;

    private static ProcessRights rights(long... users) {
        List<Long> all = List.of(users[0], users[1], users[2], users[3]);
        return new ProcessRights(all, all, 0, 0, 0);
    }

    @Test
    void parses() {
        ProcessRights rights = ProcessRights.parse(STATUS).orElseThrow();
        assertThat(rights.users()).containsExactly(1000L, 1001L, 1002L, 4294967295L);
        assertThat(rights.groups()).containsExactly(100L, 101L, 102L, 103L);
        assertThat(rights.effectiveUser()).isEqualTo(1001);
        assertThat(rights.has(Capability.SYS_NICE)).isTrue();
        assertThat(rights.has(Capability.KILL)).isTrue();
        assertThat(rights.has(Capability.SYS_PTRACE)).isFalse();
        assertThat(rights.filtered()).isTrue();
    }

    @Test
    void aFileWithoutTheFieldsTellsNothing() {
        assertThat(ProcessRights.parse("Name:\tcat\n")).isEmpty();
        assertThat(ProcessRights.parse(STATUS.replace("CapEff", "Cap"))).isEmpty();
        assertThat(ProcessRights.parse(STATUS.replace("Seccomp", "Sec"))
                        .orElseThrow()
                        .filtered())
                .as("a kernel without seccomp")
                .isFalse();
    }

    @Test
    void theUserForFilesHasToBeAllUsersOfTheOther() {
        assertThat(rights(1, 2, 3, 4).sameUserAs(rights(4, 4, 4, 9))).isTrue();
        assertThat(rights(4, 4, 4, 4).sameUserAs(rights(4, 0, 4, 4))).isFalse();
    }

    @Test
    void signalsGoFromRealOrEffectiveToRealOrSaved() {
        assertThat(rights(1, 2, 3, 4).maySignal(rights(9, 9, 2, 9))).isTrue();
        assertThat(rights(1, 2, 3, 4).maySignal(rights(1, 9, 9, 9))).isTrue();
        assertThat(rights(1, 2, 3, 4).maySignal(rights(3, 1, 4, 1))).isFalse();
    }
}
