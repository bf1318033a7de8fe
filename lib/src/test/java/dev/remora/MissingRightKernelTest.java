package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.MemoryRange;
import dev.remora.jvm.OtherJvm;
import dev.remora.jvm.ReadableCopy;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.preconditions.KernelVersion;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real callers that lack a right, each in a JVM of its own: what they are told is what they lack, and nothing else. */
@Tag("kernel")
final class MissingRightKernelTest {

    private static final int EPERM = 1;
    private static final int EACCES = 13;

    /** The kernel asks for rights before it looks at what is there. */
    private static final MemoryRange SOMEWHERE = MemoryRange.of(1 << 20, 4096);

    /** What the other JVM runs: one verb on the process whose number it is given, or on a child of its own for 0. */
    static final class Caller {

        private Caller() {}

        public static void main(String[] arguments) {
            long pid = Long.parseLong(arguments[1]);
            if (pid != 0) {
                tell(arguments[0], pid);
                return;
            }
            try (var child = SandboxedProcess.start()) {
                child.touch(child.map(1 << 20));
                tell(arguments[0], child.pid());
            }
        }

        private static void tell(String verb, long pid) {
            try (var memory = RemoteMemory.open(pid)) {
                System.out.println("done " + run(verb, memory));
            } catch (PermissionDeniedException denied) {
                System.out.println("denied " + denied.missingRights() + " " + denied.getMessage());
            }
        }

        private static Object run(String verb, RemoteMemory memory) {
            NodeSet nodes = NumaTopology.ofThisHost().nodesWithMemory();
            Selection all = memory.mappings().anonymous().writable();
            return switch (verb) {
                case "read" -> memory.addressSpace().size() > 0;
                case "advise" -> all.markCold().complete();
                case "adviseRange" -> memory.ranges(SOMEWHERE).markCold().complete();
                case "locate" -> memory.ranges(SOMEWHERE).nodes();
                case "migrate" -> memory.migrate(nodes, nodes);
                case "place" -> memory.ranges(SOMEWHERE).place(MemoryPolicy.bind(nodes), Mechanism.INJECTED);
                case "suspend" -> all.place(MemoryPolicy.bind(nodes), Mechanism.INJECTED.suspendingSeccomp());
                case "collapse" -> all.collapse().complete();
                case "mark" ->
                    memory.markUse(UseMark.Pages.ANONYMOUS).toString().isEmpty();
                case "kill" -> memory.kill();
                default -> throw new AssertionError(verb);
            };
        }
    }

    private static String told(List<String> runner, String verb, long pid) throws IOException, InterruptedException {
        String said = OtherJvm.run(FewerRights.line(runner, OtherJvm.line(Caller.class, verb, Long.toString(pid))));
        System.out.print(said);
        return said;
    }

    private static String toldAsNobody(String verb, long pid) throws IOException, InterruptedException {
        try (var copy = new ReadableCopy()) {
            String said = OtherJvm.run(
                    FewerRights.line(FewerRights.asNobody(), copy.line(Caller.class, verb, Long.toString(pid))));
            System.out.print(said);
            return said;
        }
    }

    @Test
    void withoutCapSysNiceAlone() throws Exception {
        List<String> runner = FewerRights.without("sys_nice");
        assertThat(told(runner, "advise", 0))
                .contains("denied [CAP_SYS_NICE] process_madvise(process ")
                .contains("This process does not have CAP_SYS_NICE. Run as root")
                .contains("--cap-add SYS_NICE")
                .contains("AmbientCapabilities=CAP_SYS_NICE");
        assertThat(told(runner, "read", 0)).contains("done true");
    }

    @Test
    void withoutCapSysPtraceAnotherUsersProcessCannotBeRead() throws Exception {
        Process nobody = FewerRights.processOfNobody();
        try {
            List<String> runner = FewerRights.withoutReading();
            String users = "runs as user 65534 and group 65534, and this one as user 0 and group 0";
            for (String verb : List.of("read", "advise", "adviseRange", "locate", "migrate", "place")) {
                assertThat(told(runner, verb, nobody.pid()))
                        .as(verb)
                        .contains("denied [SAME_USER] ")
                        .contains(users)
                        .contains("and CAP_SYS_PTRACE is missing. Run as that user, or grant CAP_SYS_PTRACE")
                        .contains("--cap-add SYS_PTRACE");
            }
            assertThat(told(List.of(), "advise", nobody.pid())).contains("done true");
        } finally {
            nobody.destroyForcibly().waitFor();
        }
    }

    @Test
    void withoutEitherBothAreNamed() throws Exception {
        Process nobody = FewerRights.processOfNobody();
        try {
            assertThat(told(FewerRights.withoutReading("sys_nice"), "adviseRange", nobody.pid()))
                    .contains("denied [CAP_SYS_NICE, SAME_USER] process_madvise");
        } finally {
            nobody.destroyForcibly().waitFor();
        }
    }

    @Test
    void aProcessWithMoreCapabilities() throws Exception {
        long self = ProcessHandle.current().pid();
        assertThat(told(FewerRights.withoutReading(), "read", self))
                .contains("denied [ITS_CAPABILITIES] openat(/proc/" + self + "/maps): EACCES")
                .contains("(0x4000280000; ");
    }

    @Test
    void aProcessThatIsNotDumpable() throws Exception {
        try (Specimen specimen = Specimen.startBy(FewerRights.asNobody(), "undumpable")) {
            assertThat(toldAsNobody("read", specimen.pid()))
                    .contains("denied [DUMPABLE_PROCESS] openat(/proc/" + specimen.pid() + "/maps): EACCES")
                    .contains("is not dumpable, and CAP_SYS_PTRACE is missing");
            assertThat(toldAsNobody("adviseRange", specimen.pid()))
                    .contains("denied [CAP_SYS_NICE, DUMPABLE_PROCESS] process_madvise");
            assertThat(told(List.of(), "read", specimen.pid())).contains("done true");
        }
    }

    @Test
    void aProcessOfRootThatIsNotDumpable() throws Exception {
        List<String> runner = FewerRights.withoutReading();
        try (Specimen specimen = Specimen.startBy(runner, "undumpable")) {
            assertThat(told(runner, "read", specimen.pid()))
                    .contains("denied [DUMPABLE_PROCESS]")
                    .contains("seems not to be dumpable");
        }
    }

    @Test
    void inAUserNamespaceCapSysNiceDoesNotCount() throws Exception {
        List<String> runner = FewerRights.inUserNamespace();
        assertThat(told(runner, "advise", 0))
                .contains("denied [INITIAL_USER_NAMESPACE] process_madvise(process ")
                .contains("CAP_SYS_NICE counts in the initial one only")
                .contains("--userns=host")
                .contains("PrivateUsers=no");
        assertThat(told(runner, "read", 0)).contains("done true");
    }

    @Test
    void fromAUserNamespaceAProcessOutsideCannotBeRead() throws Exception {
        long self = ProcessHandle.current().pid();
        assertThat(told(FewerRights.inUserNamespace(), "read", self))
                .contains("denied [INITIAL_USER_NAMESPACE] openat(/proc/" + self + "/maps): EACCES");
    }

    @Test
    void underASeccompFilter() throws Exception {
        assertThat(told(filtering(Syscall.PROCESS_MADVISE), "advise", 0))
                .contains("SECCOMP_FILTER")
                .contains("A seccomp filter of this process refuses the call to everybody")
                .contains("--security-opt seccomp=PROFILE.json")
                .contains("SystemCallFilter=");
        assertThat(told(filtering(Syscall.MOVE_PAGES), "locate", 0)).contains("denied [SECCOMP_FILTER");
        assertThat(told(filtering(Syscall.PIDFD_SEND_SIGNAL), "kill", 0)).contains("denied [SECCOMP_FILTER");
    }

    @Test
    void underASeccompFilterNothingIsTraced() throws Exception {
        Process other = new ProcessBuilder("cat").start();
        try {
            assertThat(told(filtering(Syscall.PTRACE), "place", other.pid())).contains("denied [SECCOMP_FILTER");
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    /** CAP_PERFMON is enough to read and to advise from Linux 6.15 on, CAP_SYS_ADMIN includes it, and neither can trace. */
    @Test
    void whoMayOnlyReadCannotMove() throws Exception {
        Process nobody = FewerRights.processOfNobody();
        try {
            for (String verb : List.of("locate", "migrate", "place")) {
                assertThat(told(FewerRights.without("sys_ptrace"), verb, nobody.pid()))
                        .as(verb)
                        .contains("denied [SAME_USER]");
            }
        } finally {
            nobody.destroyForcibly().waitFor();
        }
    }

    @Test
    void aProcThatHidesTheProcess() throws Exception {
        Skip.unless(KernelVersion.isAtLeast(5, 8), "before Linux 5.8, hidepid is for all mounts of /proc");
        List<String> hidden = List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"",
                "sh");
        long self = ProcessHandle.current().pid();
        try (var copy = new ReadableCopy()) {
            List<String> caller =
                    FewerRights.line(FewerRights.asNobody(), copy.line(Caller.class, "read", Long.toString(self)));
            String said = OtherJvm.run(FewerRights.line(hidden, caller));
            System.out.print(said);
            assertThat(said)
                    .contains("denied [VISIBLE_IN_PROC] openat(/proc/" + self)
                    .contains("systemd ProtectProc=default");
        }
    }

    private static List<String> filtering(Syscall call) {
        return filtering(call, EPERM);
    }

    private static List<String> filtering(Syscall call, int errno) {
        return List.of(
                Specimen.program().toString(), "filtering", Integer.toString(call.number()), Integer.toString(errno));
    }

    @Test
    void aFilterMayAnswerAsIfAFileWereClosed() throws Exception {
        for (String verb : List.of("advise", "kill")) {
            Syscall call = verb.equals("kill") ? Syscall.PIDFD_SEND_SIGNAL : Syscall.PROCESS_MADVISE;
            assertThat(told(filtering(call, EACCES), verb, 0)).contains("denied [SECCOMP_FILTER");
        }
    }

    @Test
    void whoIsFilteredSuspendsNoFilters() throws Exception {
        Process other = new ProcessBuilder("cat").start();
        try {
            assertThat(told(filtering(Syscall.MBIND), "suspend", other.pid())).contains("denied [SECCOMP_FILTER");
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void collapsingTakesTheRightToOpenPagemap() throws Exception {
        Skip.unless(KernelVersion.isAtLeast(6, 1), "collapse() takes Linux 6.1");
        Process nobody = FewerRights.processOfNobody();
        try {
            assertThat(told(FewerRights.without("dac_override", "dac_read_search"), "collapse", nobody.pid()))
                    .contains("denied [CAP_DAC_READ_SEARCH] openat(/proc/" + nobody.pid() + "/pagemap): EACCES")
                    .contains("may be opened by user 65534 only")
                    .contains("--cap-add DAC_READ_SEARCH");
            assertThat(told(List.of(), "collapse", nobody.pid())).contains("done ");
        } finally {
            nobody.destroyForcibly().waitFor();
        }
    }

    @Test
    void markingUseTakesTheRightToWriteClearRefs() throws Exception {
        Process nobody = FewerRights.processOfNobody();
        try {
            assertThat(told(FewerRights.without("dac_override"), "mark", nobody.pid()))
                    .contains("denied [CAP_DAC_OVERRIDE] openat(/proc/" + nobody.pid() + "/clear_refs): EACCES")
                    .contains("--cap-add DAC_OVERRIDE");
            assertThat(told(FewerRights.without("sys_ptrace"), "mark", nobody.pid()))
                    .contains("done ");
        } finally {
            nobody.destroyForcibly().waitFor();
        }
    }

    @Test
    void aFilterThatLetsTheCallPassIsNotBlamed() throws Exception {
        List<String> runner = FewerRights.line(FewerRights.without("sys_nice"), filtering(Syscall.MBIND));
        assertThat(told(runner, "advise", 0)).contains("denied [CAP_SYS_NICE] process_madvise");
    }

    @Test
    void suspendingSeccompTakesCapSysAdmin() throws Exception {
        assertThat(told(FewerRights.without("sys_admin"), "suspend", 0))
                .contains("denied [CAP_SYS_ADMIN] ptrace, suspending seccomp(PTRACE_SEIZE")
                .contains("Place without suspendingSeccomp(), or grant it");
    }

    @Test
    void anotherUsersProcessCannotBeSignalled() throws Exception {
        Process nobody = FewerRights.processOfNobody();
        try {
            assertThat(told(FewerRights.without("kill"), "kill", nobody.pid()))
                    .contains("denied [CAP_KILL] pidfd_send_signal(process " + nobody.pid())
                    .contains("and CAP_KILL is missing. Run as that user, or grant CAP_KILL");
            assertThat(nobody.isAlive()).isTrue();
        } finally {
            nobody.destroyForcibly().waitFor();
        }
    }
}
