package dev.remora;

import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.process.Injection;
import dev.remora.process.NotInjectedException;
import dev.remora.process.PinnedProcess;
import dev.remora.process.TracerThread;
import dev.remora.procfs.AllowedNodes;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.Architecture;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.OwnProcess;
import dev.remora.syscall.ProcessMbind;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.OptionalLong;

/** Sets memory policies for a process, by the mechanism that the caller chose. */
final class Placing {

    private final Kernel kernel;
    private final PinnedProcess process;
    private final long pageSize;
    private final Placement placement;

    Placing(Kernel kernel, PinnedProcess process, long pageSize, Placement placement) {
        this.kernel = kernel;
        this.process = process;
        this.pageSize = pageSize;
        this.placement = placement;
    }

    /** The nodes on which a process may have memory, or throws {@link dev.remora.syscall.ErrnoException}. */
    static NodeSet allowedNodes(PinnedProcess process, NumaTopology host) {
        return AllowedNodes.read(process.directory()).map(NodeSet::parse).orElseGet(host::onlineNodes);
    }

    /** For another process. */
    PlacementOutcome remotely(Selection selection, Mechanism mechanism) {
        return switch (mechanism) {
            case Mechanism.KernelCall call -> byKernel(selection, call);
            case Mechanism.Injected injected -> injected(selection, injected);
        };
    }

    private PlacementOutcome byKernel(Selection selection, Mechanism.KernelCall mechanism) {
        NumaTopology host = NumaTopology.ofThisHost();
        ProcessMbind call = configuredCall(host);
        if (placement.policy().homeNode().isPresent()) {
            throw new UnsupportedKernelException(
                    "process_mbind sets no home node: place without one, or by Mechanism.INJECTED", null);
        }
        PlacementRun run = prepare(host, Optional.of(mechanism));
        try (Arena arena = Arena.ofConfined()) {
            return run.over(selection.ranges(), new CalledPlacement(process, placement, call, arena));
        }
    }

    private ProcessMbind configuredCall(NumaTopology host) {
        try {
            int node = host.allowedNodes().stream().findFirst().orElse(0);
            ProcessMbind call = ProcessMbind.configured(kernel, pageSize, node);
            if (call == null) {
                throw Failures.noRemotePolicy();
            }
            return call;
        } catch (ProcessMbind.OtherCallException otherCall) {
            throw new UnsupportedKernelException(otherCall.explanation(), otherCall);
        }
    }

    private PlacementOutcome injected(Selection selection, Mechanism.Injected mechanism) {
        requireOther();
        PlacementRun run = prepare(NumaTopology.ofThisHost(), Optional.of(mechanism));
        RangeList ranges = selection.ranges();
        return TracerThread.callFor(process, () -> inject(run, ranges, mechanism));
    }

    private void requireOther() {
        if (process.pid() == new OwnProcess(kernel).pid()) {
            throw new UnsupportedOperationException("Process " + process.pid()
                    + " is this one, which cannot trace itself:" + " use OwnMemory.of(segment).place(policy)");
        }
        if (Architecture.ofThisMachine() != Architecture.X86_64) {
            throw new UnsupportedOperationException(
                    "Calls can be injected on x86-64 only so far: the registers of AArch64 are"
                            + " known, but nothing of it was tried there. Use moveTo(nodes) to move pages");
        }
    }

    private PlacementOutcome inject(PlacementRun run, RangeList ranges, Mechanism.Injected mechanism) {
        var manner = new Injection.Manner(mechanism.stopsOtherThreads(), mechanism.suspendsSeccomp());
        try (Arena arena = Arena.ofConfined()) {
            var mask = MemoryPolicies.mask(placement.policy().nodes().toLongArray(), arena);
            var injection = new Injection(kernel, process, manner, mask);
            var verb = new InjectedPlacement(process, placement, injection);
            return run.over(ranges, verb);
        } catch (NotInjectedException inTheWay) {
            return notInjected(ranges, mechanism, inTheWay);
        }
    }

    private PlacementOutcome notInjected(
            RangeList ranges, Mechanism.Injected mechanism, NotInjectedException inTheWay) {
        var ledger = new RangeLedger<PlacedRange>();
        for (int i = 0; i < ranges.size(); i++) {
            ledger.beginRange();
            ledger.add(ranges.address(i), ranges.byteSize(i), PlacementVerb.notInjected());
        }
        return new PlacementOutcome.NotInjected(
                placement,
                Optional.of(mechanism),
                ledger.parts(),
                ranges.totalBytes(),
                InjectionObstacle.valueOf(inTheWay.reason().name()),
                inTheWay.tracerPid() == 0 ? OptionalLong.empty() : OptionalLong.of(inTheWay.tracerPid()));
    }

    private PlacementRun prepare(NumaTopology host, Optional<Mechanism> mechanism) {
        NodeSet allowed = allowedNodes(process, host);
        new PolicyNodes(host, allowed, "process " + process.pid()).require(placement.policy());
        new PolicyTrial(kernel, pageSize).requireKnown(placement.policy(), host.allowedNodes());
        return new PlacementRun(process, placement, mechanism, allowed, pageSize);
    }

    /** For this process itself. */
    PlacementOutcome ofOwn(RangeList ranges) {
        PlacementRun run = prepare(NumaTopology.ofThisHost(), Optional.empty());
        try (Arena arena = Arena.ofConfined()) {
            return run.over(ranges, new OwnPlacement(kernel, process, placement, arena));
        }
    }
}
