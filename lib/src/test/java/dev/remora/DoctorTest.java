package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Finding.Area;
import dev.remora.Finding.Status;
import dev.remora.bindings.Linux;
import dev.remora.numa.ScriptedHost;
import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.Syscall;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is reported of hosts that have nothing but what a test gives them. */
final class DoctorTest {

    private static final String SELF = "/proc/thread-self";
    private static final String HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage";
    private static final String ALL = "000001ffffffffff";
    private static final String NONE = "0000000000000000";

    private final ScriptedHost host = new ScriptedHost();
    private boolean askedElsewhere;

    /** A host that has everything. */
    DoctorTest() {
        caller(ALL, 0);
        host.withLink(SELF + "/ns/user", "user:[4026531837]");
        host.with("/proc/sys/kernel/osrelease", "6.18.0\n");
        host.with(
                "/proc/swaps",
                "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/vdb   partition\t4194304\t\t1048576\t\t-2\n");
        host.with(HUGE_PAGES + "/enabled", "always [madvise] never\n");
        host.with(HUGE_PAGES + "/shmem_enabled", "always within_size advise [never] deny force\n");
        host.with(HUGE_PAGES + "/defrag", "always defer defer+madvise [madvise] never\n");
        host.with("/sys/devices/system/node/has_memory", "0-1\n");
        host.with("/sys/kernel/btf/vmlinux", "");
        host.with("/proc/self/maps", "").with("/proc/self/pagemap", "");
        host.with("/proc/self/mountinfo", """
            31 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 none rw
            32 23 0:27 / /v1/freezer rw - cgroup none rw,freezer
            """);
        host.answer(Syscall.PIDFD_OPEN, 3);
        host.answer(Syscall.GETPID, 4711);
        host.answer(Syscall.PIDFD_SEND_SIGNAL, -Linux.EBADF());
        host.answer(Syscall.PROCESS_MADVISE, -Linux.EBADF());
        host.answer(Syscall.PROCESS_MRELEASE, -Linux.EBADF());
        host.answer(Syscall.MOVE_PAGES, -Linux.ESRCH());
        host.answer(Syscall.MIGRATE_PAGES, -Linux.ESRCH());
        host.answer(Syscall.MBIND, 0);
        host.answer(Syscall.SET_MEMPOLICY_HOME_NODE, 0);
        host.answer(Syscall.PTRACE, -Linux.ESRCH());
        host.answer(Syscall.IOCTL, 0);
    }

    private void caller(String capabilities, int seccomp) {
        host.with(
                SELF + "/status",
                "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nCapPrm:\t" + capabilities + "\nCapEff:\t" + capabilities
                        + "\nSeccomp:\t" + seccomp + "\n");
    }

    private Map<HarmlessCall, OptionalLong> elsewhere(Collection<HarmlessCall> calls) {
        askedElsewhere = true;
        Map<HarmlessCall, OptionalLong> answers = new EnumMap<>(HarmlessCall.class);
        calls.forEach(call -> answers.put(call, OptionalLong.of(0)));
        answers.put(HarmlessCall.PROCESS_MADVISE, OptionalLong.empty());
        answers.put(HarmlessCall.MOVE_PAGES, OptionalLong.of(-Linux.EPERM()));
        answers.remove(HarmlessCall.PTRACE);
        return answers;
    }

    private HostReport report() {
        return Doctor.report(host, "6.18.0", this::elsewhere);
    }

    private Finding finding(String subject) {
        return report().finding(subject).orElseThrow();
    }

    private void assertMissing(String subject, String detail) {
        assertThat(finding(subject).status()).as(subject).isEqualTo(Status.MISSING);
        assertThat(finding(subject).detail()).contains(detail);
        assertThat(report().toString())
                .contains("\nWithout " + subject + ": " + finding(subject).cost() + ". ");
    }

    private void assertUnknown(String subject) {
        assertThat(finding(subject).status()).as(subject).isEqualTo(Status.UNKNOWN);
        assertThat(report().toString()).containsPattern("\n  " + subject + " +unknown");
    }

    @Test
    void aHostThatHasEverything() {
        assertThat(report().findings())
                .filteredOn(finding -> !finding.subject().startsWith("PIDFD_GET"))
                .allSatisfy(finding ->
                        assertThat(finding.status()).as(finding.subject()).isEqualTo(Status.AVAILABLE));
        assertThat(askedElsewhere).isFalse();
    }

    @Test
    void theTableShowsAllOfIt() {
        String text = report().toString();
        assertThat(text)
                .startsWith("Remora on Linux 6.18.0: ")
                .contains("\nkernel\n  pidfd_open              yes 5.3\n")
                .contains("\n  swap                   yes  4 GiB, 3 GiB free: /dev/vdb\n")
                .contains("  enabled madvise, shmem_enabled never, defrag madvise\n")
                .contains("nodes with memory: 0-1")
                .contains("\n  cgroup.kill          yes 5.14   at /sys/fs/cgroup\n")
                .contains("at /v1/freezer")
                .doesNotContain("more");
    }

    @ParameterizedTest
    @EnumSource(Area.class)
    void everyAreaHasSomethingAndEverythingHasACostAndARemedy(Area area) {
        assertThat(report().findings())
                .filteredOn(finding -> finding.area() == area)
                .isNotEmpty()
                .allSatisfy(finding -> assertThat(finding.cost()).isNotBlank());
    }

    @ParameterizedTest
    @CsvSource({
        "PROCESS_MRELEASE, process_mrelease",
        "MOVE_PAGES, move_pages",
        "MIGRATE_PAGES, migrate_pages",
        "MBIND, mbind",
        "SET_MEMPOLICY_HOME_NODE, set_mempolicy_home_node",
        "PROCESS_MADVISE, process_madvise"
    })
    void aCallThatTheKernelDoesNotHave(Syscall call, String subject) {
        host.answer(call, -Linux.ENOSYS());
        assertMissing(subject, "ENOSYS");
    }

    @ParameterizedTest
    @CsvSource({"6.18.0, built without it", "5.10.0-8-amd64, Use Linux 5.15 or newer", "odd, Use Linux 5.15 or newer"})
    void theRemedyDependsOnTheKernel(String release, String remedy) {
        host.answer(Syscall.PROCESS_MRELEASE, -Linux.ENOSYS());
        assertThat(Doctor.report(host, release, this::elsewhere)
                        .finding("process_mrelease")
                        .orElseThrow()
                        .remedy())
                .contains(remedy);
    }

    @Test
    void anAnswerThatNoKernelGivesSaysNothing() {
        host.answer(Syscall.PROCESS_MRELEASE, -Linux.EIO());
        assertUnknown("process_mrelease");
        assertThat(finding("process_mrelease").detail()).contains("EIO");
    }

    @Test
    void cgroupsThatAreMountedReadOnly() {
        host.with("/proc/self/mountinfo", """
            31 23 0:26 / /groups ro,nosuid - cgroup2 none rw
            32 23 0:27 / /v1 ro - cgroup none rw,freezer
            """);
        assertMissing("cgroup.kill", "at /groups, read-only");
        assertMissing("freezer of cgroup v2", "at /groups, read-only");
        assertMissing("freezer of cgroup v1", "at /v1, read-only");
    }

    @Test
    void swapThatTheCgroupLimits() {
        host.with("/proc/self/cgroup", "0::/service\n");
        host.with("/sys/fs/cgroup/service/memory.swap.max", "1048576\n");
        host.with("/sys/fs/cgroup/service/memory.swap.current", "0\n");
        assertThat(finding("swap").detail())
                .isEqualTo("4 GiB, 3 GiB free: /dev/vdb; the cgroup of this process may have 1 MiB more");
        host.with("/sys/fs/cgroup/memory.swap.max", "0\n").with("/sys/fs/cgroup/memory.swap.current", "0\n");
        assertMissing("swap", "may have 0 bytes more");
    }

    @Test
    void adviceThatTheKernelDoesNotKnow() {
        host.answer(Syscall.PROCESS_MADVISE, -Linux.EINVAL());
        assertMissing("advice COLLAPSE", "EINVAL");
        assertThat(finding("process_madvise").status()).isEqualTo(Status.AVAILABLE);
    }

    private HostReport reportWith(HarmlessCall call, long answer) {
        host.without(SELF);
        return Doctor.report(host, "6.18.0", calls -> {
            Map<HarmlessCall, OptionalLong> answers = elsewhere(calls);
            answers.put(HarmlessCall.PROCESS_MADVISE, OptionalLong.of(0));
            answers.put(call, OptionalLong.of(answer));
            return answers;
        });
    }

    @Test
    void adviceForItselfIsARightBeforeLinux6_13() {
        HostReport report = reportWith(HarmlessCall.ADVICE_COLD, -Linux.EPERM());
        assertThat(report.finding("advice COLD").orElseThrow().status()).isEqualTo(Status.AVAILABLE);
    }

    @ParameterizedTest
    @EnumSource(
            value = HarmlessCall.class,
            names = {"PIDFD_OPEN", "PROCESS_MADVISE"})
    void whereACallIsRefusedThatAdviceTakesThereIsNone(HarmlessCall call) {
        Finding advice = reportWith(call, -Linux.EPERM()).finding("advice COLD").orElseThrow();
        assertThat(advice.status()).isEqualTo(Status.MISSING);
        assertThat(advice.detail()).contains("EPERM");
    }

    @Test
    void aFileThatMayNotBeOpenedTellsNothingOfItsRequests() {
        HostReport report = reportWith(HarmlessCall.PAGEMAP_SCAN, -Linux.EACCES());
        assertThat(report.finding("PAGEMAP_SCAN").orElseThrow().status()).isEqualTo(Status.UNKNOWN);
    }

    @Test
    void requestsThatTheFilesDoNotKnow() {
        host.answer(Syscall.IOCTL, -Linux.ENOTTY());
        assertMissing("PROCMAP_QUERY", "ENOTTY");
        assertMissing("PAGEMAP_SCAN", "ENOTTY");
    }

    @Test
    void underAFilterTheCallsAreMadeElsewhere() {
        caller(ALL, 2);
        assertMissing("unfiltered system calls", "a filter is in force");
        assertThat(askedElsewhere).isTrue();
        assertMissing("process_madvise", "a seccomp filter kills for it");
        assertMissing("move_pages", "EPERM");
        assertUnknown("ptrace");
    }

    @Test
    void whereNobodyKnowsWhetherThereIsAFilterTheCallsAreMadeElsewhere() {
        host.without(SELF);
        assertThat(report().findings()).isNotEmpty();
        assertThat(askedElsewhere).isTrue();
        assertUnknown("CAP_SYS_NICE");
        assertUnknown("initial user namespace");
        assertUnknown("unfiltered system calls");
        assertUnknown("CAP_BPF");
    }

    @ParameterizedTest
    @CsvSource({"CAP_SYS_NICE", "CAP_SYS_PTRACE", "CAP_KILL", "CAP_SYS_ADMIN", "CAP_BPF"})
    void withoutCapabilities(String capability) {
        caller(NONE, 0);
        assertMissing(capability, "");
        assertThat(finding(capability).remedy()).contains("--cap-add " + capability.substring(4));
    }

    @Test
    void inAUserNamespace() {
        host.withLink(SELF + "/ns/user", "user:[4026532177]");
        assertMissing("CAP_SYS_NICE", "in its own user namespace only");
        assertMissing("initial user namespace", "");
    }

    @Test
    void yama() {
        host.with("/proc/sys/kernel/yama/ptrace_scope", "1\n");
        assertThat(finding("attaching under Yama").status()).isEqualTo(Status.AVAILABLE);
        caller(NONE, 0);
        assertMissing("attaching under Yama", "ptrace_scope is 1");
    }

    @Test
    void withoutSwap() {
        host.with("/proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
        assertMissing("swap", "none");
        assertThat(finding("swap").cost()).contains("pageOut()");
    }

    @Test
    void compressedSwapThatIsFull() {
        host.with("/proc/swaps", "Filename Type Size Used Priority\n/dev/zram0 partition 1024 1024 100\n");
        assertMissing("swap", "1 MiB, 0 bytes free, in RAM (zram): /dev/zram0");
    }

    @Test
    void withoutHugePagesAndWithOneNode() {
        host.without(HUGE_PAGES).with("/sys/kernel/mm/ksm/run", "0\n");
        host.with("/sys/devices/system/node/has_memory", "0\n");
        assertMissing("transparent huge pages", "none");
        assertMissing("several NUMA nodes", "nodes with memory: 0");
    }

    @Test
    void withoutNuma() {
        host.without("/sys/devices/system/node").with("/sys/devices/system/cpu/online", "0\n");
        assertMissing("several NUMA nodes", "a kernel without NUMA");
    }

    @Test
    void withoutSys() {
        host.without("/sys");
        assertUnknown("transparent huge pages");
        assertUnknown("several NUMA nodes");
        assertUnknown("BTF of the kernel");
    }

    @Test
    void withoutProc() {
        host.without("/proc");
        assertUnknown("swap");
        assertUnknown("attaching under Yama");
        assertUnknown("cgroup.kill");
        assertUnknown("CAP_KILL");
    }

    @Test
    void whatMayNotBeReadIsUnknown() {
        host.fail("/proc/swaps", Linux.EACCES());
        host.fail("/sys/kernel/mm", Linux.EACCES());
        host.fail("/sys/devices/system/node/has_memory", Linux.EACCES());
        host.fail("/proc/sys/kernel", Linux.EACCES());
        host.fail("/sys/kernel/btf/vmlinux", Linux.EACCES());
        host.fail("/proc/self/mountinfo", Linux.EACCES());
        assertUnknown("swap");
        assertUnknown("transparent huge pages");
        assertUnknown("several NUMA nodes");
        assertUnknown("attaching under Yama");
        assertUnknown("BTF of the kernel");
        assertUnknown("freezer of cgroup v1");
    }

    @Test
    void anOldKernelHasNoCgroupKill() {
        HostReport old = Doctor.report(host, "5.10.0-8-amd64", this::elsewhere);
        assertThat(old.finding("cgroup.kill").orElseThrow().status()).isEqualTo(Status.MISSING);
        assertThat(old.finding("freezer of cgroup v2").orElseThrow().status()).isEqualTo(Status.AVAILABLE);
        assertThat(old.findings(Status.MISSING))
                .contains(old.finding("cgroup.kill").orElseThrow());
        assertThat(old.finding("no such thing")).isEmpty();
    }
}
