package dev.remora;

import static dev.remora.MissingRight.CAP_DAC_OVERRIDE;
import static dev.remora.MissingRight.CAP_DAC_READ_SEARCH;
import static dev.remora.MissingRight.CAP_KILL;
import static dev.remora.MissingRight.CAP_SYS_ADMIN;
import static dev.remora.MissingRight.CAP_SYS_NICE;
import static dev.remora.MissingRight.DUMPABLE_PROCESS;
import static dev.remora.MissingRight.INITIAL_USER_NAMESPACE;
import static dev.remora.MissingRight.ITS_CAPABILITIES;
import static dev.remora.MissingRight.SAME_USER;
import static dev.remora.MissingRight.SECCOMP_FILTER;
import static dev.remora.MissingRight.SECURITY_MODULE;
import static dev.remora.MissingRight.YAMA_ATTACH;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import dev.remora.numa.ScriptedHost;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.Syscall;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each sentence, on a host that is what the sentence says. */
final class RightsCheckTest {

    private static final String TARGET = "/proc/4711";
    private static final String SELF = "/proc/thread-self";
    private static final String ALL = "000001ffffffffff";
    private static final String NONE = "0000000000000000";
    private static final String WITHOUT_NICE = "000001ffff7fffff";
    private static final String WITHOUT_PTRACE = "000001fffff7ffff";
    private static final String PTRACE_ALONE = "0000000000080000";

    private static final String SECURITY_MODULE_SENTENCE =
            "This process has all rights that this takes as far as can be seen, so a security module may forbid it";

    private final ScriptedHost host = new ScriptedHost();

    RightsCheckTest() {
        initialNamespace();
        caller(0, ALL, 0);
        target(0, NONE);
        host.with(TARGET + "/maps", "");
    }

    private void initialNamespace() {
        host.withLink(SELF + "/ns/user", "user:[4026531837]");
    }

    private void ownNamespace() {
        host.withLink(SELF + "/ns/user", "user:[4026532177]");
    }

    private void caller(int user, String capabilities, int seccomp) {
        host.with(SELF + "/status", status(user, capabilities) + "Seccomp:\t" + seccomp + "\n");
    }

    private void target(int user, String capabilities) {
        host.with(TARGET + "/status", status(user, capabilities)).ownedBy(user, TARGET + "/maps");
    }

    private static String status(int user, String capabilities) {
        String ids = "\t" + user + "\t" + user + "\t" + user + "\t" + user + "\n";
        return "Name:\tcat\nUid:" + ids + "Gid:" + ids + "CapPrm:\t" + capabilities + "\nCapEff:\t" + capabilities
                + "\n";
    }

    private void parents(int... chain) {
        host.answer(Syscall.GETPID, 9);
        for (int i = 0; i + 1 < chain.length; i++) {
            host.with(
                    "/proc/" + chain[i] + "/stat",
                    chain[i] + " (cat) S " + chain[i + 1] + " 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0 0 0 0 0 0\n");
        }
    }

    private void unreadable() {
        host.fail(TARGET + "/maps", Linux.EACCES());
        host.fail(TARGET + "/ns/user", Linux.EACCES());
    }

    private List<Lack> found(Function<RightsCheck, List<Lack>> question) {
        try (ProcDirectory directory = ProcDirectory.open(host, 4711)) {
            return question.apply(new RightsCheck(host, directory, 4711));
        } finally {
            assertThat(host.openFiles()).as("files left open").isZero();
        }
    }

    private List<Lack> toAdvise() {
        return found(check -> check.toAdvise(Optional.of(HarmlessCall.PROCESS_MADVISE)));
    }

    private static void assertOnly(List<Lack> found, MissingRight right, String sentence) {
        assertThat(found).containsExactly(new Lack(right, sentence));
    }

    @Test
    void withoutCapSysNice() {
        caller(0, WITHOUT_NICE, 0);
        assertOnly(toAdvise(), CAP_SYS_NICE, "This process does not have CAP_SYS_NICE");
        assertThat(toAdvise().getFirst().sentence())
                .contains("docker --user root --cap-add SYS_NICE")
                .contains("systemd AmbientCapabilities=CAP_SYS_NICE");
    }

    @Test
    void inAUserNamespaceCapSysNiceDoesNotCount() {
        ownNamespace();
        assertOnly(
                toAdvise(),
                INITIAL_USER_NAMESPACE,
                "This process is in a user namespace of its own, and CAP_SYS_NICE counts in the initial one only");
        assertThat(toAdvise().getFirst().sentence()).contains("--userns=host").contains("PrivateUsers=no");
    }

    @Test
    void anotherUser() {
        caller(1000, NONE, 0);
        unreadable();
        assertOnly(
                found(RightsCheck::toRead),
                SAME_USER,
                "Process 4711 runs as user 0 and group 0, and this one as user 1000 and group 1000, and CAP_SYS_PTRACE"
                        + " is missing");
    }

    @Test
    void aProgramThatChangesItsUserHasMoreThanOne() {
        caller(1000, NONE, 0);
        host.with(TARGET + "/status", status(1000, NONE).replace("Uid:\t1000\t1000\t1000", "Uid:\t1000\t0\t0"));
        unreadable();
        assertThat(found(RightsCheck::toRead).getFirst().situation())
                .startsWith("Process 4711 runs as user [1000, 0, 0, 1000] (real, effective, saved, for files) and group"
                        + " 1000, and this one as user 1000 and group 1000, ");
    }

    @Test
    void anotherUserAndNoCapSysNiceAreBothNamed() {
        caller(1000, NONE, 0);
        unreadable();
        assertThat(toAdvise()).extracting(Lack::right).containsExactly(CAP_SYS_NICE, SAME_USER);
    }

    @Test
    void notDumpable() {
        caller(1000, NONE, 0);
        target(1000, NONE);
        host.ownedBy(0, TARGET + "/maps");
        unreadable();
        assertOnly(
                found(RightsCheck::toRead),
                DUMPABLE_PROCESS,
                "Process 4711 is not dumpable, and CAP_SYS_PTRACE is missing");
    }

    @Test
    void rootCannotSeeThatRootsProcessIsNotDumpable() {
        caller(0, WITHOUT_PTRACE, 0);
        unreadable();
        assertOnly(
                found(RightsCheck::toRead),
                DUMPABLE_PROCESS,
                "Process 4711 seems not to be dumpable, which does not show for root's processes, and CAP_SYS_PTRACE is"
                        + " missing");
    }

    @Test
    void moreCapabilities() {
        caller(1000, NONE, 0);
        target(1000, PTRACE_ALONE);
        unreadable();
        assertOnly(
                found(RightsCheck::toRead),
                ITS_CAPABILITIES,
                "Process 4711 has capabilities that this one does not have (0x80000; capsh --decode names them), and"
                        + " CAP_SYS_PTRACE is missing");
    }

    @Test
    void fromAUserNamespaceAProcessOutsideCannotBeRead() {
        ownNamespace();
        unreadable();
        assertOnly(
                found(RightsCheck::toRead),
                INITIAL_USER_NAMESPACE,
                "This process is in a user namespace of its own, and Process 4711 in another one, where its"
                        + " capabilities do not count");
    }

    @Test
    void aFilterThatRefusesTheCallToEverybody() {
        caller(0, ALL, 2);
        host.answer(Syscall.PROCESS_MADVISE, -Linux.EPERM());
        assertOnly(toAdvise(), SECCOMP_FILTER, "A seccomp filter of this process refuses the call to everybody");
        assertThat(toAdvise().getFirst().sentence())
                .contains("seccomp=PROFILE.json")
                .contains("SystemCallFilter=");
    }

    @Test
    void aFilterThatLetsTheCallPassIsNotBlamed() {
        caller(0, WITHOUT_NICE, 2);
        host.answer(Syscall.PROCESS_MADVISE, -Linux.EBADF());
        assertThat(toAdvise()).extracting(Lack::right).containsExactly(CAP_SYS_NICE);
    }

    @Test
    void withoutAFilterTheCallIsNotMadeAgain() {
        caller(0, WITHOUT_NICE, 0);
        assertThat(toAdvise()).as("the host answers no other call").hasSize(1);
    }

    @Test
    void whatIsLeftIsASecurityModule() {
        assertThat(toAdvise()).extracting(Lack::right).containsExactly(SECURITY_MODULE);
        assertThat(found(RightsCheck::toRead)).extracting(Lack::right).containsExactly(SECURITY_MODULE);
        assertThat(found(RightsCheck::toSignal)).extracting(Lack::right).containsExactly(SECURITY_MODULE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | which lets a process attach to its descendants only, and CAP_SYS_PTRACE is missing",
                "2 | which asks for CAP_SYS_PTRACE, and that is missing",
                "3 | which lets nobody attach"
            })
    void yama(String scope, String meaning) {
        caller(0, WITHOUT_PTRACE, 0);
        host.with("/proc/sys/kernel/yama/ptrace_scope", scope + "\n");
        assertOnly(
                found(check -> check.toAttach(false)),
                YAMA_ATTACH,
                "kernel.yama.ptrace_scope is " + scope + ", " + meaning);
    }

    @Test
    void yamaLetsAttachToDescendants() {
        caller(0, WITHOUT_PTRACE, 0);
        host.with("/proc/sys/kernel/yama/ptrace_scope", "1\n");
        parents(4711, 17, 9);
        assertThat(found(check -> check.toAttach(false)))
                .extracting(Lack::right)
                .containsExactly(SECURITY_MODULE);
        parents(4711, 17, 1);
        assertThat(found(check -> check.toAttach(false)))
                .extracting(Lack::right)
                .containsExactly(YAMA_ATTACH);
        host.with("/proc/sys/kernel/yama/ptrace_scope", "2\n");
        parents(4711, 9);
        assertThat(found(check -> check.toAttach(false)))
                .extracting(Lack::right)
                .containsExactly(YAMA_ATTACH);
    }

    @Test
    void yamaStopsNobodyWhoHasTheCapabilityBeforeScopeThree() {
        host.with("/proc/sys/kernel/yama/ptrace_scope", "2\n");
        assertThat(found(check -> check.toAttach(false)))
                .extracting(Lack::right)
                .containsExactly(SECURITY_MODULE);
        host.with("/proc/sys/kernel/yama/ptrace_scope", "3\n");
        assertThat(found(check -> check.toAttach(false)))
                .extracting(Lack::right)
                .containsExactly(YAMA_ATTACH);
    }

    @Test
    void yamaDoesNotMatterForReading() {
        caller(0, WITHOUT_PTRACE, 0);
        target(1000, NONE);
        unreadable();
        host.with("/proc/sys/kernel/yama/ptrace_scope", "3\n");
        assertThat(found(RightsCheck::toRead)).extracting(Lack::right).containsExactly(SAME_USER);
    }

    @Test
    void suspendingSeccompTakesMore() {
        caller(0, "000001ffffdfffff", 0);
        assertOnly(found(check -> check.toAttach(true)), CAP_SYS_ADMIN, "This process does not have CAP_SYS_ADMIN");
        assertThat(found(check -> check.toAttach(false)))
                .extracting(Lack::right)
                .containsExactly(SECURITY_MODULE);
    }

    @Test
    void whoHasAFilterSuspendsNone() {
        caller(0, ALL, 2);
        host.answer(Syscall.PTRACE, -Linux.ESRCH());
        assertThat(found(check -> check.toAttach(true))).extracting(Lack::right).containsExactly(SECCOMP_FILTER);
        assertThat(found(check -> check.toAttach(true)).getFirst().sentence())
                .startsWith("This process has a seccomp filter itself, and who has one suspends none of others. ")
                .contains("seccomp=unconfined")
                .doesNotContain("PROFILE");
    }

    @Test
    void filesOfTheUserAlone() {
        target(1000, NONE);
        host.with(TARGET + "/pagemap", "").ownedBy(1000, TARGET + "/pagemap");
        assertThat(found(RightsCheck::toRead)).extracting(Lack::right).containsExactly(SECURITY_MODULE);
        caller(0, PTRACE_ALONE, 0);
        assertOnly(
                found(RightsCheck::toRead),
                CAP_DAC_READ_SEARCH,
                "The file may be opened by user 1000 only, this process runs as user 0, and CAP_DAC_READ_SEARCH is"
                        + " missing");
        caller(1001, "0000004000000000", 0);
        assertThat(found(RightsCheck::toRead))
                .as("CAP_PERFMON reads the maps, from Linux 6.15 on")
                .extracting(Lack::right)
                .containsExactly(CAP_DAC_READ_SEARCH);
        caller(0, "0000000000080002", 0);
        assertThat(found(RightsCheck::toRead)).extracting(Lack::right).containsExactly(SECURITY_MODULE);
        caller(1000, PTRACE_ALONE, 0);
        assertThat(found(RightsCheck::toRead)).extracting(Lack::right).containsExactly(SECURITY_MODULE);
    }

    @Test
    void filesThatAreWritten() {
        target(1000, NONE);
        host.with(TARGET + "/clear_refs", "").ownedBy(1000, TARGET + "/clear_refs");
        caller(0, "0000000000080004", 0);
        assertOnly(
                found(RightsCheck::toMark),
                CAP_DAC_OVERRIDE,
                "The file may be opened by user 1000 only, this process runs as user 0, and CAP_DAC_OVERRIDE is"
                        + " missing");
        caller(0, "0000000000000002", 0);
        assertThat(found(RightsCheck::toMark)).extracting(Lack::right).containsExactly(SECURITY_MODULE);
        caller(1000, NONE, 0);
        assertThat(found(RightsCheck::toMark)).extracting(Lack::right).containsExactly(SECURITY_MODULE);
    }

    @Test
    void placingOwnMemory() {
        host.answer(Syscall.MBIND, 0);
        assertOnly(RightsCheck.toPlaceOwn(host, true), SECURITY_MODULE, SECURITY_MODULE_SENTENCE);
        caller(0, WITHOUT_NICE, 2);
        assertThat(RightsCheck.toPlaceOwn(host, true)).extracting(Lack::right).containsExactly(CAP_SYS_NICE);
        host.answer(Syscall.MBIND, -Linux.EACCES());
        assertThat(RightsCheck.toPlaceOwn(host, true))
                .extracting(Lack::right)
                .containsExactly(SECCOMP_FILTER, CAP_SYS_NICE);
    }

    @Test
    void aKernelWithoutUserNamespaces() {
        caller(0, WITHOUT_NICE, 0);
        host.withoutLink(SELF + "/ns/user");
        assertThat(toAdvise()).extracting(Lack::right).containsExactly(CAP_SYS_NICE);
    }

    @Test
    void movingTakesCapSysNiceOnlyFromWhoMayRead() {
        caller(1000, NONE, 0);
        assertThat(found(check -> check.toMove(HarmlessCall.MOVE_PAGES)))
                .extracting(Lack::right)
                .containsExactly(CAP_SYS_NICE);
        unreadable();
        assertThat(found(check -> check.toMove(HarmlessCall.MOVE_PAGES)))
                .extracting(Lack::right)
                .containsExactly(SAME_USER);
    }

    /** CAP_PERFMON opens the maps, from Linux 6.15 on, and neither moves nor attaches. */
    @Test
    void whoMayReadButNotTraceLacksTheRightToMoveAndToAttach() {
        caller(1000, NONE, 0);
        host.fail(TARGET + "/ns/user", Linux.EACCES());
        assertThat(toAdvise()).extracting(Lack::right).containsExactly(CAP_SYS_NICE);
        assertThat(found(check -> check.toMove(HarmlessCall.MIGRATE_PAGES)))
                .extracting(Lack::right)
                .containsExactly(SAME_USER);
        assertThat(found(check -> check.toAttach(false)))
                .extracting(Lack::right)
                .containsExactly(SAME_USER);
    }

    @Test
    void signallingAnotherUser() {
        caller(1000, NONE, 0);
        assertThat(found(RightsCheck::toSignal)).extracting(Lack::right).containsExactly(CAP_KILL);
        assertThat(found(RightsCheck::toSignal).getFirst().situation()).endsWith(", and CAP_KILL is missing");
        target(1000, ALL);
        assertThat(found(RightsCheck::toSignal)).extracting(Lack::right).containsExactly(SECURITY_MODULE);
    }

    @Test
    void signallingFromAUserNamespace() {
        caller(1000, ALL, 0);
        ownNamespace();
        assertThat(found(RightsCheck::toSignal)).extracting(Lack::right).containsExactly(INITIAL_USER_NAMESPACE);
    }

    @Test
    void whereNothingCanBeSeenNothingIsSaid() {
        host.without(SELF);
        unreadable();
        assertThat(toAdvise()).isEmpty();
        assertThat(found(RightsCheck::toRead)).isEmpty();
    }
}
