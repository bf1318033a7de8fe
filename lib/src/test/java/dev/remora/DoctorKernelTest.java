package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Finding.Status;
import dev.remora.jvm.OtherJvm;
import dev.remora.jvm.ReadableCopy;
import dev.remora.numa.NumaTopology;
import dev.remora.preconditions.KernelVersion;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is reported of this host, of an ordinary user, and under seccomp filters. */
@Tag("kernel")
final class DoctorKernelTest {

    /** What the other JVM runs. */
    static final class Patient {

        private Patient() {}

        public static void main(String[] none) {
            System.out.println(Doctor.report());
            System.out.println("alive");
        }
    }

    private static Status status(HostReport report, String subject) {
        return report.finding(subject).orElseThrow().status();
    }

    private static void assertSince(HostReport report, String subject, int major, int minor) {
        assertThat(status(report, subject))
                .as(subject)
                .isEqualTo(KernelVersion.isAtLeast(major, minor) ? Status.AVAILABLE : Status.MISSING);
    }

    @Test
    void whatTheKernelHasIsWhatItsVersionBrought() {
        HostReport report = Doctor.report();
        System.out.println(report);
        assertSince(report, "pidfd_open", 5, 3);
        assertSince(report, "process_madvise", 5, 10);
        assertSince(report, "advice COLD", 5, 10);
        assertSince(report, "advice PAGEOUT", 5, 10);
        assertSince(report, "advice WILLNEED", 5, 15);
        assertSince(report, "advice COLLAPSE", 6, 1);
        assertSince(report, "process_mrelease", 5, 15);
        assertSince(report, "PIDFD_GET_INFO", 6, 13);
        assertSince(report, "PAGEMAP_SCAN", 6, 7);
        assertSince(report, "PROCMAP_QUERY", 6, 11);
        assertSince(report, "set_mempolicy_home_node", 5, 17);
    }

    @Test
    void whatIsSeenAgreesWithTheFiles() throws IOException {
        HostReport report = Doctor.report();
        boolean swap = Files.readAllLines(Path.of("/proc/swaps")).size() > 1;
        assertThat(report.finding("swap").orElseThrow().detail().equals("none")).isEqualTo(!swap);
        assertThat(status(report, "transparent huge pages") == Status.AVAILABLE)
                .isEqualTo(Files.isDirectory(Path.of("/sys/kernel/mm/transparent_hugepage")));
        assertThat(status(report, "several NUMA nodes") == Status.AVAILABLE)
                .isEqualTo(NumaTopology.ofThisHost().nodesWithMemory().size() > 1);
        assertThat(status(report, "BTF of the kernel") == Status.AVAILABLE)
                .isEqualTo(Files.exists(Path.of("/sys/kernel/btf/vmlinux")));
        assertThat(status(report, "initial user namespace") == Status.AVAILABLE)
                .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/user"))
                        .toString()
                        .equals("user:[4026531837]"));
        boolean noFilter = Files.readAllLines(Path.of("/proc/self/status")).contains("Seccomp:\t0");
        assertThat(status(report, "unfiltered system calls") == Status.AVAILABLE)
                .isEqualTo(noFilter);
    }

    @Test
    void nobodyIsToldWhatAnOrdinaryUserLacks() throws IOException, InterruptedException {
        List<String> runner = FewerRights.asNobody();
        try (var copy = new ReadableCopy()) {
            assertThat(OtherJvm.run(FewerRights.line(runner, copy.line(Patient.class))))
                    .containsPattern("\n  CAP_SYS_NICE +no\n")
                    .containsPattern("\n  CAP_KILL +no\n")
                    .containsPattern("\n  initial user namespace +yes\n")
                    .containsPattern("\n  process_madvise +yes +5.10\n")
                    .containsPattern("\n  advice COLD +yes +5.10\n")
                    .contains("Without CAP_SYS_NICE: no verb gives advice to others")
                    .endsWith("alive\n");
        }
    }

    @Test
    void inAUserNamespaceCapabilitiesDoNotCount() throws IOException, InterruptedException {
        List<String> runner = FewerRights.inUserNamespace();
        assertThat(OtherJvm.run(FewerRights.line(runner, OtherJvm.line(Patient.class))))
                .containsPattern("\n  CAP_SYS_NICE +no +in its own user namespace only")
                .containsPattern("\n  initial user namespace +no\n")
                .endsWith("alive\n");
    }

    @Test
    void aFilterThatKillsDoesNotKillTheDoctor() throws IOException, InterruptedException {
        String said = underFilter(Syscall.PROCESS_MADVISE, 0);
        assertThat(said)
                .containsPattern("\n  pidfd_open +yes")
                .containsPattern("\n  process_madvise +no +5.10 +a seccomp filter kills for it\n")
                .containsPattern("\n  advice COLLAPSE +no +6.1 +a seccomp filter kills for it\n")
                .containsPattern("\n  process_mrelease +yes")
                .containsPattern("\n  unfiltered system calls +no +a filter is in force\n")
                .endsWith("alive\n");
    }

    @Test
    void aFilterThatRefusesIsNamed() throws IOException, InterruptedException {
        assertThat(underFilter(Syscall.MOVE_PAGES, 1))
                .containsPattern(
                        "\n  move_pages +no +2.6.18 +a seccomp filter or a security module refuses it, EPERM\n")
                .containsPattern("\n  migrate_pages +yes")
                .endsWith("alive\n");
    }

    private static String underFilter(Syscall call, int errno) throws IOException, InterruptedException {
        List<String> runner = List.of(
                Specimen.program().toString(), "filtering", Integer.toString(call.number()), Integer.toString(errno));
        return OtherJvm.run(FewerRights.line(runner, OtherJvm.line(Patient.class)));
    }
}
