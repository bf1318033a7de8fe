package dev.remora.support;

import dev.remora.PermissionDeniedException;
import dev.remora.RemoteMemory;
import dev.remora.UnsupportedKernelException;
import dev.remora.sandbox.SandboxedProcess;

/** Something that the library can do where the kernel can. */
record Feature(String name, Trial trial) {

    /** Does it once, to a process that serves all trials, or to one of its own. What is thrown counts as an answer. */
    @FunctionalInterface
    interface Trial {
        Answer on(SandboxedProcess child, RemoteMemory memory) throws Exception;
    }

    Answer tried(SandboxedProcess child, RemoteMemory memory) {
        try {
            return trial.on(child, memory);
        } catch (UnsupportedKernelException old) {
            return new Answer.Unsupported(oneLine(old));
        } catch (PermissionDeniedException denied) {
            return new Answer.NotTried(oneLine(denied));
        } catch (Exception | LinkageError failure) {
            return new Answer.Failed(oneLine(failure));
        }
    }

    private static String oneLine(Throwable failure) {
        return failure.toString().replaceAll("\\s+", " ");
    }
}
