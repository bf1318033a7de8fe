package dev.remora;

import dev.remora.process.Freeze;
import dev.remora.process.NotFrozenException;
import dev.remora.process.PinnedProcess;
import dev.remora.process.Relatives;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** Does something while a process stands still. */
final class Freezing {

    private static final Logger LOGGER = LogManager.getLogger(Freezing.class);

    private final Kernel kernel;
    private final PinnedProcess process;
    private final Duration limit;

    Freezing(Kernel kernel, PinnedProcess process, Duration limit) {
        this.kernel = kernel;
        this.process = process;
        this.limit = limit;
    }

    static void requireLimit(Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException(
                    "The limit is the longest time that the process may stand still, so it is" + " more than zero, and "
                            + limit + " is not: a few hundred milliseconds suffice for most actions");
        }
    }

    /** By the usual method: Java would take ptrace stops of a child of its own for its end. */
    <T extends @Nullable Object> FrozenOutcome<T> run(Supplier<T> action) {
        FreezeMethod method;
        try {
            method = new Relatives(kernel).isChild(process) ? FreezeMethod.SIGSTOP : FreezeMethod.PTRACE;
        } catch (ErrnoException failure) {
            return notBegun(FreezeMethod.PTRACE, failure);
        }
        return run(method, action);
    }

    <T extends @Nullable Object> FrozenOutcome<T> run(FreezeMethod method, Supplier<T> action) {
        Freeze freeze;
        try {
            requireStranger();
            freeze = Freeze.begin(kernel, process, Freeze.Means.valueOf(method.name()), limit);
        } catch (NotFrozenException inTheWay) {
            LOGGER.debug("Process {} not frozen by {}: {}", process.pid(), method, inTheWay.reason());
            return notFrozen(method, inTheWay);
        } catch (ErrnoException failure) {
            return notBegun(method, failure);
        }
        T value = act(freeze, action);
        Freeze.End end = end(freeze);
        LOGGER.debug("Process {} stood still for {} by {}, {}", process.pid(), end.standstill(), method, end);
        if (end.timedOut()) {
            return new FrozenOutcome.TimedOut<>(method, value, end.standstill());
        }
        return end.held()
                ? new FrozenOutcome.Done<>(method, value, end.standstill())
                : new FrozenOutcome.Disturbed<>(method, value);
    }

    private <T extends @Nullable Object> FrozenOutcome<T> notBegun(FreezeMethod method, ErrnoException failure) {
        if (ProcDirectory.meansGone(failure)) {
            return new FrozenOutcome.ProcessGone<>(method);
        }
        throw Failures.freezing(new RightsCheck(kernel, process.directory(), process.pid()), failure);
    }

    private void requireStranger() {
        var relatives = new Relatives(kernel);
        int pid = process.pid();
        if (relatives.isSelf(pid)) {
            throw refused("is the one that calls, and could not let itself run on");
        }
        if (relatives.isAncestor(pid)) {
            throw refused("is a parent of the one that calls, which may depend on it for its input, output or life");
        }
        if (relatives.isTracer(process)) {
            throw refused("traces the one that calls, which would wait for it as soon as it is stopped");
        }
    }

    private UnsupportedOperationException refused(String why) {
        return new UnsupportedOperationException(
                "Process " + process.pid() + " " + why + ": freeze it from a process that is none of its descendants");
    }

    /** What the action throws is more important than what comes of letting the process run on. */
    private static <T extends @Nullable Object> T act(Freeze freeze, Supplier<T> action) {
        try {
            return action.get();
        } catch (Throwable thrown) {
            try {
                Freeze.End _ = freeze.end();
            } catch (RuntimeException failure) {
                thrown.addSuppressed(failure);
            }
            throw thrown;
        }
    }

    private static Freeze.End end(Freeze freeze) {
        try {
            return freeze.end();
        } catch (ErrnoException failure) {
            throw Failures.other(failure);
        }
    }

    private static <T extends @Nullable Object> FrozenOutcome<T> notFrozen(
            FreezeMethod method, NotFrozenException inTheWay) {
        return new FrozenOutcome.NotFrozen<>(
                method,
                FreezeObstacle.valueOf(inTheWay.reason().name()),
                inTheWay.pid() == 0 ? OptionalLong.empty() : OptionalLong.of(inTheWay.pid()));
    }
}
