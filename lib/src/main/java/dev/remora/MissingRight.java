package dev.remora;

/**
 * What the kernel asks of a caller who wants to look after another process, and this one does not have. A {@link
 * PermissionDeniedException} carries those that were found to be missing when it was refused.
 *
 * <p>Source: {@code capabilities(7)}, {@code ptrace(2)} under "Ptrace access mode checking", {@code user_namespaces(7)},
 * {@code seccomp(2)}.
 */
public enum MissingRight {
    /** CAP_SYS_NICE: to advise another process, and to move pages that several processes map. */
    CAP_SYS_NICE(
            "CAP_SYS_NICE is missing",
            "Run as root, or grant it: docker --user root --cap-add SYS_NICE, systemd"
                    + " AmbientCapabilities=CAP_SYS_NICE, in a shell setpriv or capsh"),

    /**
     * Capabilities of the initial user namespace. Those that a process has in a namespace of its own count for what
     * belongs to that namespace, and never for advice.
     */
    INITIAL_USER_NAMESPACE(
            "the caller is in a user namespace of its own, and its capabilities do not count outside",
            "Run outside of it: docker --userns=host and no rootless mode, systemd PrivateUsers=no, no unshare -U; a"
                    + " rootless container cannot get this right"),

    /** The same user and group as the process, or CAP_SYS_PTRACE: to read it, and whatever takes that. */
    SAME_USER(
            "the process belongs to another user, and CAP_SYS_PTRACE is missing",
            "Run as that user, or grant CAP_SYS_PTRACE: docker --user root --cap-add SYS_PTRACE, systemd"
                    + " AmbientCapabilities=CAP_SYS_PTRACE (to read and to advise, CAP_PERFMON is enough since Linux"
                    + " 6.15)"),

    /**
     * A dumpable process, or CAP_SYS_PTRACE: to read it. A process is not dumpable that asked for that ({@code
     * PR_SET_DUMPABLE}), that runs a program which changes its user or has capabilities of its own, or one that its user
     * may not read.
     */
    DUMPABLE_PROCESS(
            "the process is not dumpable, and CAP_SYS_PTRACE is missing",
            "Grant CAP_SYS_PTRACE: docker --user root --cap-add SYS_PTRACE, systemd"
                    + " AmbientCapabilities=CAP_SYS_PTRACE; or see to it that the process stays dumpable: no"
                    + " prctl(PR_SET_DUMPABLE, 0), no setuid program or one with file capabilities"),

    /** All capabilities that the process has, or CAP_SYS_PTRACE: to read it. */
    ITS_CAPABILITIES(
            "the process has capabilities that the caller does not have, and CAP_SYS_PTRACE is missing",
            "Grant CAP_SYS_PTRACE, or the same capabilities: docker --user root --cap-add SYS_PTRACE, systemd"
                    + " AmbientCapabilities=CAP_SYS_PTRACE"),

    /**
     * The user to whom a file in {@code /proc} belongs, or CAP_DAC_READ_SEARCH: to open those that only their user may open,
     * such as {@code pagemap}. They belong to the user of the process, and to root if it is not dumpable.
     */
    CAP_DAC_READ_SEARCH(
            "the file belongs to another user, and CAP_DAC_READ_SEARCH is missing",
            "Run as that user, or grant CAP_DAC_READ_SEARCH: docker --user root --cap-add DAC_READ_SEARCH, systemd"
                    + " AmbientCapabilities=CAP_DAC_READ_SEARCH"),

    /**
     * The user to whom a file in {@code /proc} belongs, or CAP_DAC_OVERRIDE: to write those that only their user may write, such as
     * {@code clear_refs}. They belong to the user of the process, and to root if it is not dumpable.
     */
    CAP_DAC_OVERRIDE(
            "the file belongs to another user, and CAP_DAC_OVERRIDE is missing",
            "Run as that user, or grant CAP_DAC_OVERRIDE: docker --user root --cap-add DAC_OVERRIDE, systemd"
                    + " AmbientCapabilities=CAP_DAC_OVERRIDE"),

    /** What the security module Yama asks for, beyond the right to read, to have a process execute calls. */
    YAMA_ATTACH(
            "kernel.yama.ptrace_scope does not let the caller attach to the process",
            "Set sysctl kernel.yama.ptrace_scope=0, or grant CAP_SYS_PTRACE: docker --user root --cap-add SYS_PTRACE,"
                    + " systemd AmbientCapabilities=CAP_SYS_PTRACE; a scope of 3 forbids it to everybody until the next"
                    + " boot"),

    /** CAP_SYS_ADMIN: to suspend the seccomp filters of another process. */
    CAP_SYS_ADMIN(
            "CAP_SYS_ADMIN is missing, which suspending seccomp takes",
            "Place without suspendingSeccomp(), or grant it: docker --user root --cap-add SYS_ADMIN, systemd"
                    + " AmbientCapabilities=CAP_SYS_ADMIN"),

    /** The same user as the process, or CAP_KILL: to signal it. */
    CAP_KILL(
            "the process belongs to another user, and CAP_KILL is missing",
            "Run as that user, or grant CAP_KILL: docker --user root --cap-add KILL, systemd"
                    + " AmbientCapabilities=CAP_KILL"),

    /** A {@code /proc} that shows the process. */
    VISIBLE_IN_PROC(
            "/proc does not show the process",
            "Run as root with CAP_SYS_PTRACE, or as a member of the group that the option gid= of /proc names; or"
                    + " mount /proc without hidepid: systemd ProtectProc=default"),

    /** A seccomp filter that lets the call pass. */
    SECCOMP_FILTER(
            "a seccomp filter refuses the call",
            "Allow it in the profile: docker --security-opt seccomp=PROFILE.json (the default profile allows"
                    + " process_madvise with --cap-add SYS_PTRACE, and never move_pages and migrate_pages),"
                    + " systemd SystemCallFilter="),

    /** The consent of a security module, which is what is left when nothing else is found to be missing. */
    SECURITY_MODULE(
            "nothing else is missing, so a security module may forbid it",
            "Look into the log of SELinux or AppArmor, and allow it there: docker --security-opt label=disable or"
                    + " apparmor=unconfined, systemd SELinuxContext= or AppArmorProfile=");

    private final String explanation;
    private final String remedy;

    MissingRight(String explanation, String remedy) {
        this.explanation = explanation;
        this.remedy = remedy;
    }

    /** {@return what is missing, in a few words for people} */
    public String explanation() {
        return explanation;
    }

    /** {@return what grants it: for a container, for a service, or for the whole system} */
    public String remedy() {
        return remedy;
    }
}
