package dev.remora;

import dev.remora.Finding.Area;
import dev.remora.Finding.Status;
import dev.remora.syscall.ErrorNumber;
import dev.remora.syscall.HarmlessCall;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** Which features the kernel has, and what the lack of each costs. */
final class CallFindings {

    private static final String FILTER = "Allow it in the seccomp profile: docker --security-opt seccomp=PROFILE.json,"
            + " systemd SystemCallFilter=";

    private record Feature(HarmlessCall call, String subject, String firstKernel, String cost) {}

    private static final List<Feature> FEATURES = List.of(
            new Feature(HarmlessCall.PIDFD_OPEN, "pidfd_open", "5.3", "no process can be opened"),
            new Feature(HarmlessCall.PROCESS_MADVISE, "process_madvise", "5.10", "no verb gives advice"),
            new Feature(HarmlessCall.ADVICE_COLD, "advice COLD", "5.10", "markCold() fails"),
            new Feature(HarmlessCall.ADVICE_PAGEOUT, "advice PAGEOUT", "5.10", "pageOut() fails"),
            new Feature(HarmlessCall.ADVICE_WILLNEED, "advice WILLNEED", "5.15", "prefetch() fails"),
            new Feature(HarmlessCall.ADVICE_COLLAPSE, "advice COLLAPSE", "6.1", "collapse() fails"),
            new Feature(
                    HarmlessCall.PIDFD_SEND_SIGNAL,
                    "pidfd_send_signal",
                    "5.1",
                    "kill(), terminate() and killAndRelease() fail"),
            new Feature(
                    HarmlessCall.PROCESS_MRELEASE,
                    "process_mrelease",
                    "5.15",
                    "killAndRelease() waits until a process has freed its memory by itself"),
            new Feature(
                    HarmlessCall.PIDFD_GET_INFO,
                    "PIDFD_GET_INFO",
                    "6.13",
                    "awaitExit() and onExit() do not tell how a process ended that is no child (all: Linux 6.15)"),
            new Feature(
                    HarmlessCall.MBIND, "mbind", "2.6.7", "OwnMemory.place() fails, and so does place() for others"),
            new Feature(
                    HarmlessCall.SET_MEMPOLICY_HOME_NODE,
                    "set_mempolicy_home_node",
                    "5.17",
                    "a policy with homeNode() cannot be set"),
            new Feature(HarmlessCall.MOVE_PAGES, "move_pages", "2.6.18", "moveTo() and nodes() fail"),
            new Feature(HarmlessCall.MIGRATE_PAGES, "migrate_pages", "2.6.16", "migrate() fails"),
            new Feature(HarmlessCall.PTRACE, "ptrace", "3.4", "place() with Mechanism.INJECTED fails"),
            new Feature(
                    HarmlessCall.PROCMAP_QUERY,
                    "PROCMAP_QUERY",
                    "6.11",
                    "mappingAt() and mappingFrom() read the maps as text, and buildIdAt() fails"),
            new Feature(
                    HarmlessCall.PAGEMAP_SCAN,
                    "PAGEMAP_SCAN",
                    "6.7",
                    "residency() reads an entry of each page and knows less, mark() fails"));

    /** For a process itself these took CAP_SYS_NICE before Linux 6.13, which is looked at as a right: EPERM is no lack. */
    private static final Set<HarmlessCall> ADVICE = EnumSet.of(
            HarmlessCall.ADVICE_COLD,
            HarmlessCall.ADVICE_PAGEOUT,
            HarmlessCall.ADVICE_WILLNEED,
            HarmlessCall.ADVICE_COLLAPSE);

    private static final Set<HarmlessCall> FOR_ADVICE =
            EnumSet.of(HarmlessCall.PIDFD_OPEN, HarmlessCall.PROCESS_MADVISE);

    private static final Set<HarmlessCall> FILES = EnumSet.of(HarmlessCall.PROCMAP_QUERY, HarmlessCall.PAGEMAP_SCAN);

    private final Map<HarmlessCall, OptionalLong> answers;

    private final KernelRelease release;

    CallFindings(Map<HarmlessCall, OptionalLong> answers, KernelRelease release) {
        this.answers = answers;
        this.release = release;
    }

    static List<HarmlessCall> calls() {
        return FEATURES.stream().map(Feature::call).toList();
    }

    Stream<Finding> all() {
        return FEATURES.stream().map(this::finding);
    }

    private Finding finding(Feature feature) {
        if (!ADVICE.contains(feature.call())) {
            return byAnswer(feature);
        }
        return FEATURES.stream()
                .filter(other -> FOR_ADVICE.contains(other.call()))
                .map(this::byAnswer)
                .filter(needed -> needed.status() != Status.AVAILABLE)
                .findFirst()
                .map(needed -> finding(feature, needed.status(), needed.detail(), needed.remedy()))
                .orElseGet(() -> byAnswer(feature));
    }

    private Finding byAnswer(Feature feature) {
        if (!answers.containsKey(feature.call())) {
            return finding(feature, Status.UNKNOWN, "no process could be started to ask for it", FILTER);
        }
        OptionalLong answer = answers.getOrDefault(feature.call(), OptionalLong.empty());
        return answer.isPresent()
                ? byAnswer(feature, answer.getAsLong())
                : finding(feature, Status.MISSING, "a seccomp filter kills for it", FILTER);
    }

    private Finding byAnswer(Feature feature, long answer) {
        String said = ErrorNumber.name((int) -answer);
        if (feature.call().meansAbsent(answer)) {
            return finding(feature, Status.MISSING, said, toHaveIt(feature.firstKernel()));
        }
        boolean refusedForItself = ADVICE.contains(feature.call()) && HarmlessCall.meansDenied(answer);
        if (HarmlessCall.meansPresent(answer) || refusedForItself) {
            return finding(feature, Status.AVAILABLE, "", "");
        }
        if (!HarmlessCall.meansDenied(answer)) {
            return finding(feature, Status.UNKNOWN, "answered with " + said, "");
        }
        return FILES.contains(feature.call())
                ? finding(feature, Status.UNKNOWN, "its file may not be opened, " + said, "")
                : finding(feature, Status.MISSING, "a seccomp filter or a security module refuses it, " + said, FILTER);
    }

    private String toHaveIt(String firstKernel) {
        return release.isAtLeast(firstKernel)
                ? "This kernel was built without it, or a seccomp filter hides it. " + FILTER
                : "Use Linux " + firstKernel + " or newer";
    }

    private static Finding finding(Feature feature, Status status, String detail, String remedy) {
        return new Finding(
                Area.KERNEL,
                feature.subject(),
                status,
                Optional.of(feature.firstKernel()),
                detail,
                feature.cost(),
                remedy);
    }
}
