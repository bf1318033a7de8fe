package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.process.Injection;
import dev.remora.process.NotInjectedException;
import dev.remora.process.PinnedProcess;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.Syscall;
import java.time.Duration;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A policy that the process sets itself, made to. */
final class InjectedPlacement extends PlacementVerb.OneByOne {

    private final Injection injection;
    private boolean began;
    private @Nullable NotInjectedException obstacle;

    InjectedPlacement(PinnedProcess process, Placement placement, Injection injection) {
        super(process, placement);
        this.injection = injection;
    }

    @Override
    void finish() {
        injection.close();
    }

    @Override
    Duration standstill() {
        return injection.standstill();
    }

    @Override
    String call() {
        return "mbind, injected";
    }

    @Override
    long bind(long address, long byteSize) {
        return inject(Syscall.MBIND, mask -> new long[] {
            address, byteSize, placement.policy().mode(), mask, MemoryPolicies.MASK_BITS, placement.flags()
        });
    }

    @Override
    long setHomeNode(long address, long byteSize, int node) {
        return inject(Syscall.SET_MEMPOLICY_HOME_NODE, _ -> new long[] {address, byteSize, node, 0, 0, 0});
    }

    @Override
    public boolean endedMidway() {
        return obstacle != null;
    }

    @Override
    public Verdict<PlacedRange> forbidden() {
        return endedMidway() ? notInjected() : super.forbidden();
    }

    /** Once it has begun, what was done stands, so that what comes in the way is part of the outcome. */
    private long inject(Syscall call, LongFunction<long[]> arguments) {
        if (obstacle != null) {
            return -Linux.EPERM();
        }
        try {
            long result = injection.call(call, arguments);
            began = true;
            return result;
        } catch (NotInjectedException inTheWay) {
            if (!began) {
                throw inTheWay;
            }
            obstacle = inTheWay;
            return -Linux.EPERM();
        } catch (ErrnoException failure) {
            if (!Injection.processGone(failure)) {
                throw failure;
            }
            return -failure.errno();
        }
    }
}
