package dev.remora.syscall;

/**
 * {@code process_vm_readv(2)} and {@code process_vm_writev(2)}, Linux 3.2.
 *
 * <p>The kernel takes the process by its number; whoever calls this makes sure that the number still is the right one. It
 * copies page by page, and stops at the first page that it cannot reach; why it stopped shows only when the call is repeated
 * from there.
 */
public final class ProcessVm {

    /** How failures to read are named. */
    public static final String READING = "process_vm_readv";

    /** How failures to write are named. */
    public static final String WRITING = "process_vm_writev";

    private ProcessVm() {}

    /** Copies from ranges of the process to here. Returns the bytes copied, or −errno: EFAULT if not even the first was. */
    public static long read(Kernel kernel, int pid, IoVectors here, IoVectors there) {
        return call(kernel, Syscall.PROCESS_VM_READV, pid, here, there);
    }

    /** Copies from here to ranges of the process. Returns the bytes copied, or −errno: EFAULT if not even the first was. */
    public static long write(Kernel kernel, int pid, IoVectors here, IoVectors there) {
        return call(kernel, Syscall.PROCESS_VM_WRITEV, pid, here, there);
    }

    private static long call(Kernel kernel, Syscall call, int pid, IoVectors here, IoVectors there) {
        return kernel.call(call, pid, here.address(), here.size(), there.address(), there.size(), 0);
    }
}
